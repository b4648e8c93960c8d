/// The text of `--help`.
enum ServiceHelp {
    static func text(of definition: some ServiceDefinition) -> String {
        """
        \(definition.name): \(definition.summary)

        Usage: \(definition.name) [options]

        Options:
          --config FILE   Read FILE instead of the first \(definition.configurationFile) in CONFIG_DIR, ./config
                          and /etc/notificationhub.
          --check         Check the whole configuration, connect to nothing, and exit.
          --print-config  Print every setting with its origin, secrets masked, and exit.
          --health        Ask the running process whether it is alive, and exit with 0 or 1.
          --version       Print the version and exit.
          --help          Print this help and exit.

        Environment variables override the file; --print-config names them. A variable
        NAME can be given as NAME_FILE, the path of a file that holds the value.
        SIGTERM stops after the work in flight, a second one at once.

        Exit codes: 0 clean stop, 64 wrong usage, 69 a needed service is unreachable,
        70 fatal, 78 faults in the configuration.

        """
    }
}
