import CommandLineKit
import SlackChannel

// Reads its channel's topic, delivers, and keeps the promises of the delivery engine: see SlackChannel.
ServiceCommand.main(SlackChannel.service)
