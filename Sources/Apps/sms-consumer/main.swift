import CommandLineKit
import SMSChannel

// Reads its channel's topic, delivers, and keeps the promises of the delivery engine: see SMSChannel.
ServiceCommand.main(SMSChannel.service)
