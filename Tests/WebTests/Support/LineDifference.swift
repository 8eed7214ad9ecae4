/// How two texts differ, for people: changed lines with a little around them.
func lineDifference(from old: String, to new: String, limit: Int = 80) -> String {
    let old = old.split(separator: "\n", omittingEmptySubsequences: false)
    let new = new.split(separator: "\n", omittingEmptySubsequences: false)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in new.difference(from: old) {
        switch change {
        case .remove(let offset, _, _): removed.insert(offset)
        case .insert(let offset, _, _): inserted.insert(offset)
        }
    }
    var lines: [(text: String, isChange: Bool)] = []
    var (i, j) = (0, 0)
    while i < old.count || j < new.count {
        if i < old.count, removed.contains(i) {
            lines.append(("-\(i + 1): \(old[i])", true))
            i += 1
        } else if j < new.count, inserted.contains(j) {
            lines.append(("+\(j + 1): \(new[j])", true))
            j += 1
        } else {
            lines.append((" \(i + 1): \(old[i])", false))
            i += 1
            j += 1
        }
    }
    let around = 2
    let shown = lines.indices.filter { index in
        lines[max(0, index - around)...min(lines.count - 1, index + around)].contains(where: \.isChange)
    }
    let text = shown.prefix(limit).map { lines[$0].text }.joined(separator: "\n")
    return shown.count > limit ? "\(text)\n… and \(shown.count - limit) lines more" : text
}
