import JSONBytes
import Notifications

/// What must hold for any record of a channel's topic: it is a notification of that channel, or has a reason not to be.
///
/// The input is a byte that chooses the channel, then the record's value.
enum NotificationProperties {
    static func check(_ bytes: UnsafeRawBufferPointer) throws(Violation) {
        var input = FuzzInput(bytes)
        let channel = ChannelName.allCases[Int(input.byte()) % ChannelName.allCases.count]
        let value = input.remainder()
        let first = Result { () throws(NotificationFault) in try decode(value, channel) }
        let second = Result { () throws(NotificationFault) in try decode(value, channel) }
        try Violation.unless(first == second, "the same record is read differently")
        switch first {
        case .success(let notification):
            try Violation.unless(notification.channel == channel, "a notification of another channel")
            try Violation.unless((1...128).contains(notification.id.utf8.count), "an id that no header takes")
        case .failure(let fault):
            try Violation.unless(!fault.message.isEmpty && !fault.code.isEmpty, "a refused record without reason")
        }
    }

    private static func decode(_ value: [UInt8], _ channel: ChannelName) throws(NotificationFault) -> Notification {
        try value.withUnsafeBufferPointer { (bytes) throws(NotificationFault) in
            try Notification.decode(UnsafeRawBufferPointer(bytes), channel: channel)
        }
    }
}
