/// One sample of a family: where its value is.
enum MetricSample: Sendable {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)
    case computed(@Sendable () -> Double)
}
