import CommandLineKit
import Core

ServiceCommand.main(CoreService())
