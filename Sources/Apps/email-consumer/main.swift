import CommandLineKit
import EmailChannel

// Reads its channel's topic, delivers, and keeps the promises of the delivery engine: see EmailChannel.
ServiceCommand.main(EmailChannel.service)
