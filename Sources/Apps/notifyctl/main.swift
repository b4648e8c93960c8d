import CommandLineKit
import Control
import Core
import EmailChannel
import SMSChannel
import SlackChannel
import WebhookChannel

// Looks at what the services have done, and repairs what went wrong: see Control.
Notifyctl.program(services: [
    CoreService(), EmailChannel.service, SMSChannel.service, WebhookChannel.service, SlackChannel.service,
]).main()
