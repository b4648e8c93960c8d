/// The version of every executable, as `--version` and the metrics say it.
package enum ServiceVersion {
    package static let current = "0.1.0"
}
