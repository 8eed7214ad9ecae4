import Metrics
import Testing

struct ExpositionTests {
    @Test func `A family has its help and its kind, and a figure its labels`() {
        var exposition = Exposition()
        exposition.begin("label_studio_things_total", .counter, "Things.")
        exposition.add(3, ["route": "/projects/#", "status": "200"])
        exposition.begin("label_studio_level", .gauge, "How high.")
        exposition.add(0.5)
        #expect(
            exposition.text == """
                # HELP label_studio_things_total Things.
                # TYPE label_studio_things_total counter
                label_studio_things_total{route="/projects/#",status="200"} 3
                # HELP label_studio_level How high.
                # TYPE label_studio_level gauge
                label_studio_level 0.5

                """)
    }

    @Test func `A label cannot end its line or its value`() {
        var exposition = Exposition()
        exposition.begin("thing", .gauge, "A thing.")
        exposition.add(1, ["name": "a\"b\\c\nd"])
        #expect(exposition.text.hasSuffix("\nthing{name=\"a\\\"b\\\\c\\nd\"} 1\n"))
    }

    @Test func `The buckets of a histogram each hold those before, and the last holds all`() {
        var histogram = Histogram()
        for length: Int64 in [0, 500_000, 501_000, 10_000_000_000, 11_000_000_000] {
            histogram.add(nanoseconds: length)
        }
        var exposition = Exposition()
        exposition.begin("took_seconds", .histogram, "How long.")
        exposition.add(histogram, ["lane": "slow"])
        let lines = exposition.text.split(separator: "\n").dropFirst(2)
        #expect(lines.first == "took_seconds_bucket{lane=\"slow\",le=\"0.0005\"} 2")
        #expect(lines.dropFirst().first == "took_seconds_bucket{lane=\"slow\",le=\"0.001\"} 3")
        #expect(
            lines.suffix(4) == [
                "took_seconds_bucket{lane=\"slow\",le=\"10.0\"} 4",
                "took_seconds_bucket{lane=\"slow\",le=\"+Inf\"} 5",
                "took_seconds_sum{lane=\"slow\"} 21.001001", "took_seconds_count{lane=\"slow\"} 5",
            ])
    }
}
