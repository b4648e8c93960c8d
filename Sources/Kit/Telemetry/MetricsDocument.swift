/// docs/METRICS.md, made from the definitions.
package enum MetricsDocument {
    /// A part of the page.
    package struct Section {
        let title: String
        let definitions: [MetricDefinition]

        package init(_ title: String, _ definitions: [MetricDefinition]) {
            self.title = title
            self.definitions = definitions
        }
    }

    /// - Parameter introduction: what stands above the tables, as Markdown.
    package static func render(introduction: String, _ sections: [Section]) -> String {
        var text = "# Metrics\n\n\(introduction)\n"
        for section in sections {
            text += "\n## \(section.title)\n\n| name | type | labels | meaning | unit |\n|---|---|---|---|---|\n"
            for definition in section.definitions { text += row(definition) }
        }
        return text
    }

    private static func row(_ definition: MetricDefinition) -> String {
        let labels = definition.labels.map { "`\($0)`" }.joined(separator: ", ")
        let help = definition.help.replacing("|", with: "\\|")
        return "| `\(definition.name)` | \(definition.kind.rawValue) | \(labels) | \(help) | \(definition.unit) |\n"
    }
}
