import Delivery
import Notifications
import Time

extension Lanes {
    /// A notification whose record has a key of its own.
    mutating func admit(
        _ token: Int, to destination: Destination, key: [UInt8], priority: Priority, now: MonotonicTime
    ) {
        key.withUnsafeBytes { admit(token, to: destination, key: $0, priority: priority, now: now) }
    }
}
