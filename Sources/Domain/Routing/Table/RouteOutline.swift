internal import JSONBytes
package import Notifications

/// What a route reads and writes, for documents that describe it.
package struct RouteOutline: Sendable, Equatable {
    package let name: String
    /// Types of events; one that ends in `*` stands for all that begin so.
    package let events: [String]
    /// In the order of its entries, each once.
    package let channels: [ChannelName]
    /// Paths into the event's data that it looks at, in dots: conditions, recipients, metadata.
    package let paths: [String]
}

extension RoutingTable {
    /// Every route in its order.
    package var outline: [RouteOutline] {
        routes.map { route in
            var channels: [ChannelName] = []
            var paths: [String] = []
            for field in route.pattern?.branches.flatMap(\.self) ?? [] {
                if case .data = field.root { paths.append(field.name) }
            }
            for entry in route.entries {
                if !channels.contains(entry.channel) { channels.append(entry.channel) }
                paths += entry.dataPaths
            }
            var seen: Set<String> = []
            return RouteOutline(
                name: route.name, events: route.events.map(\.text), channels: channels,
                paths: paths.filter { seen.insert($0).inserted })
        }
    }
}

extension Entry {
    /// The paths into the event's data, in the order in which they are tried.
    fileprivate var dataPaths: [String] {
        var found: [ValuePath] = localePaths.paths
        if case .paths(let paths) = recipients {
            found += paths.flatMap { [$0.path] + ($0.namePath.map { [$0] } ?? []) }
        }
        if case .urls(let paths, _) = recipients { found += paths.map(\.path) }
        for member in metadata {
            if case .path(let path) = member.value { found.append(path) }
        }
        return found.compactMap { path in
            if case .data(let path) = path { path.text } else { nil }
        }
    }
}
