internal import ChannelSupport
internal import Endpoints
internal import Notifications
internal import Settings

extension WebhookConfig {
    /// Headers of every webhook, which an endpoint cannot replace.
    private static let ownHeaders: Set<String> = [
        "webhook-id", "webhook-timestamp", "webhook-signature", "traceparent",
        "tracestate",
    ]

    /// Reads `urls_from_events` of `webhook.yaml` and the webhooks of the endpoints' file; the reader takes the faults.
    init(reading reader: SettingsReader) {
        allowsEventURLs = reader.bool("urls_from_events", default: false)
        endpoints = EndpointTargets.read(reader, channel: .webhook) { endpoint in
            let secrets = Self.secrets(endpoint, reader)
            guard let target = EndpointTarget(endpoint, ownHeaders: Self.ownHeaders, reportingTo: reader),
                !secrets.isEmpty
            else { return nil }
            let overrides = StatusOverrides(retry: endpoint.retryStatuses, permanent: endpoint.permanentStatuses)
            return WebhookEndpoint(target: target, secrets: secrets, overrides: overrides)
        }
    }

    private static func secrets(_ endpoint: Endpoint, _ reader: SettingsReader) -> [SigningSecret] {
        endpoint.secrets.compactMap { secret in
            do throws(SigningSecret.Fault) {
                return try SigningSecret(secret)
            } catch {
                reader.report(endpoint.fault("secrets", error.message))
                return nil
            }
        }
    }
}
