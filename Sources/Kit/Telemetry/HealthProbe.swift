package import Lifecycle

/// Asks a process on this machine for its `/livez`, as `--health` does for a container's health check.
package enum HealthProbe {
    private static let timeoutSeconds = 3

    /// The outcome with a line for people.
    package struct Result: Sendable, Equatable {
        /// `ok` or `unhealthy`.
        package let exitCode: ExitCode
        package let text: String
    }

    /// Blocks for a few seconds at most.
    /// - Parameter address: where the process listens; all interfaces means the loopback one.
    package static func run(address: OperationsAddress) -> Result {
        do throws(OperationsClient.Fault) {
            // A health answer is one line; whatever is longer is not ours.
            let answer = try OperationsClient.get(
                "/livez", at: address, timeoutSeconds: timeoutSeconds, limit: 65_536)
            let line = answer.body.split(separator: "\n").first.map(String.init) ?? "no answer"
            return Result(exitCode: answer.status == 200 ? .ok : .unhealthy, text: line)
        } catch {
            return Result(exitCode: .unhealthy, text: error.message)
        }
    }
}
