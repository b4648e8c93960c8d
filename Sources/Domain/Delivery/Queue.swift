/// A first-in, first-out queue over one array.
///
/// Taken elements leave a hole at the front that is closed when it is larger than the rest, so every operation but
/// `remove(where:)` takes constant time on average.
package struct Queue<Element> {
    private var storage: [Element?] = []
    private var head = 0

    package init() {}

    package var count: Int { storage.count - head }
    package var isEmpty: Bool { storage.count == head }
    package var capacity: Int { storage.capacity }
    package var first: Element? { isEmpty ? nil : storage[head] }

    package mutating func append(_ element: Element) { storage.append(element) }

    package mutating func popFirst() -> Element? {
        guard !isEmpty else { return nil }
        let element = storage[head]
        storage[head] = nil
        head += 1
        if head == storage.count {
            storage.removeAll(keepingCapacity: storage.count <= 1_024)
            head = 0
        } else if head >= 32, head * 2 >= storage.count {
            storage.removeFirst(head)
            head = 0
        }
        return element
    }

    /// The element at a distance from the front, 0 for the first.
    package subscript(index: Int) -> Element? {
        get { storage[head + index] }
        set { storage[head + index] = newValue }
    }

    /// Removes the first element that fits, searched from the front.
    package mutating func remove(where fits: (Element) -> Bool) -> Element? {
        for index in head..<storage.count {
            guard let element = storage[index], fits(element) else { continue }
            if index == head { return popFirst() }
            return storage.remove(at: index)
        }
        return nil
    }
}

extension Queue: Sendable where Element: Sendable {}
