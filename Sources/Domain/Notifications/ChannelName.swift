/// The channels a notification can take. The raw value is the word of the wire contract and of configuration.
package enum ChannelName: String, CaseIterable, Sendable, Hashable {
    case email, sms, webhook, slack
}
