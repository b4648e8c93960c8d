/// A value that must not be shown: printing or interpolating it gives `***`.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What is shown instead of a secret.
    package static let mask = "***"

    /// The secret itself; only for the place that needs it.
    package let value: String

    package init(_ value: String) {
        self.value = value
    }

    package var description: String { Self.mask }
    package var debugDescription: String { Self.mask }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
