import Events
import JSONBytes
import Notifications
import Routing
import TestKit

/// What must hold for any record: it is an event or has a reason not to be one, and what becomes of it can be read.
///
/// The input is a byte that chooses the form, for the binary form a list of headers, then the record's value.
enum EventProperties {
    // Safe because a fuzzer has one thread, and the tests run the corpus on one.
    private nonisolated(unsafe) static var mapper = FuzzRoutes.mapper()

    static func check(_ input: UnsafeRawBufferPointer) throws(Violation) {
        let record = record(input)
        let reader = EventReader()
        defer { withExtendedLifetime((record, reader)) {} }
        try record.withRecord { (record) throws(Violation) in
            let event: Event
            do throws(Rejection) {
                event = try reader.read(record)
            } catch {
                try Violation.unless(!error.message.isEmpty && !error.code.isEmpty, "a rejection without reason")
                return try checkMapping(record, event: nil)
            }
            try check(event, record)
            try checkMapping(record, event: event)
        }
    }

    private static let headerNames = [
        "ce_specversion", "ce_type", "ce_id", "ce_source", "ce_time", "ce_subject", "content-type", "ce-type",
    ]

    private static func record(_ bytes: UnsafeRawBufferPointer) -> RecordFixture {
        var input = FuzzInput(bytes)
        let choice = input.byte()
        var headers: [(name: String, value: [UInt8]?)] = []
        switch choice & 3 {
        case 0: break
        case 1: headers = [("content-type", Array("application/cloudevents+json".utf8))]
        default:
            headers = [("ce_specversion", Array("1.0".utf8)), ("ce_type", Array("order.created".utf8))]
            for _ in 0..<Int(choice >> 2 & 7) {
                let name = headerNames[Int(input.byte()) % headerNames.count]
                headers.append((name, input.part()))
            }
        }
        return RecordFixture(key: choice & 0x80 == 0 ? nil : "key", value: input.remainder(), headers: headers)
    }

    private static func check(_ event: Event, _ record: borrowing InputRecord) throws(Violation) {
        for text in [event.id, event.type, event.source, event.time] {
            try Violation.unless(!text.isEmpty, "an attribute is empty")
            try Violation.unless(UTF8Sequence.isValid(text), "an attribute is not UTF-8")
        }
        for text in [event.subject, event.userID] {
            if let text { try Violation.unless(UTF8Sequence.isValid(text), "an attribute is not UTF-8") }
        }
        guard let value = record.value else { throw Violation(sentence: "a tombstone is an event") }
        guard !event.data.json.isWithin(value) else { return }
        let document = JSONDocument()
        defer { withExtendedLifetime(document) {} }
        let root = try? document.parse(value)
        try Violation.unless(root?.member("data_base64") != nil, "the data is not a part of the record's bytes")
    }

    private static func checkMapping(_ record: borrowing InputRecord, event: Event?) throws(Violation) {
        var output = MappedOutput()
        let result = mapper.map(record, into: &output)
        guard let event else {
            guard case .rejected = result else { throw Violation(sentence: "a record that is no event was mapped") }
            return try Violation.unless(output.records.isEmpty && output.bytes.isEmpty, "a rejection left output")
        }
        if case .rejected(let rejection) = result {
            let allowed = [
                "missing_value", "wrong_type", "too_large", "too_many_notifications", "too_many_recipients",
                "too_many_values",
            ]
            return try Violation.unless(
                rejection.stage == .map && allowed.contains(rejection.code), "rejected by the map: \(rejection.code)")
        }
        try check(output, event)
    }

    /// Every notification is one that its consumer accepts, and a webhook's data is the event's, byte for byte.
    private static func check(_ output: borrowing MappedOutput, _ event: Event) throws(Violation) {
        try Violation.unless(!output.records.isEmpty, "the route for everything did not fire")
        for record in output.records {
            let value = Array(output.bytes[record.value])
            guard case .notification(let channel) = record.kind else {
                let isJSON = value.withUnsafeBytes { (try? JSONDocument().parse($0)) != nil }
                try Violation.unless(isJSON, "a status is not JSON")
                continue
            }
            let notification: Notification
            do throws(NotificationFault) {
                notification = try decoded(value, channel)
            } catch {
                throw Violation(sentence: "\(channel)'s consumer refuses what was mapped: \(error.message)")
            }
            try Violation.unless(
                notification.id.utf8.elementsEqual(output.bytes[record.id]), "another id in the notification")
            guard case .webhook(let content) = notification.content else { continue }
            try Violation.unless(hasData(content, event.data), "a webhook's data is not the event's, byte for byte")
        }
    }

    private static func decoded(_ value: [UInt8], _ channel: ChannelName) throws(NotificationFault) -> Notification {
        try value.withUnsafeBufferPointer { (bytes) throws(NotificationFault) in
            try Notification.decode(UnsafeRawBufferPointer(bytes), channel: channel)
        }
    }

    private static func hasData(_ content: [UInt8], _ data: JSONValue) -> Bool {
        content.withUnsafeBytes { bytes in
            let document = JSONDocument()
            defer { withExtendedLifetime(document) {} }
            // As deep as a notification may be.
            guard let own = try? document.parse(bytes, maximumDepth: 132).member("data") else { return false }
            return own.json.elementsEqual(data.json)
        }
    }
}
