/// The channels a notification can take. The raw value is the word of the wire contract and of configuration.
package enum ChannelName: String, CaseIterable, Sendable, Hashable {
    case email, sms, webhook, slack

    /// The place among ``allCases``, for tables that are asked for every notification.
    package var position: Int {
        switch self {
        case .email: 0
        case .sms: 1
        case .webhook: 2
        case .slack: 3
        }
    }
}
