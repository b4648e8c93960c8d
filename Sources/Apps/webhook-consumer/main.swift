import CommandLineKit
import WebhookChannel

// Reads its channel's topic, delivers, and keeps the promises of the delivery engine: see WebhookChannel.
ServiceCommand.main(WebhookChannel.service)
