import LLMCore
import Testing

@testable import LLMClient

struct HistogramTests {
  @Test func nothingHasNoPercentiles() {
    let histogram = Histogram()
    #expect(histogram.percentile(50) == nil)
    #expect(histogram.count == 0 && histogram.sum == 0 && histogram.largest == 0)
    #expect(histogram.count(upToPowerOfTwo: 20) == 0)
  }

  @Test func oneMeasurementIsItsOwnPercentiles() {
    var histogram = Histogram()
    histogram.add(123_457)
    for percent: Int64 in [0, 1, 50, 99, 100] { #expect(histogram.percentile(percent) == 123_457) }
  }

  /// The documented bound: a thirty-second.
  @Test(arguments: [1, 2, 3, 4]) func percentilesAreNoMoreThanAThirtySecondOff(seed: UInt64) throws {
    let random = SplitMix(seed: seed)
    var histogram = Histogram()
    var values: [Microseconds] = []
    for _ in 0..<5000 {
      // Every size as likely as any other.
      let value = Microseconds(random.next() >> (28 + random.next() % 36))
      values.append(value)
      histogram.add(value)
    }
    values.sort()
    #expect(histogram.count == 5000)
    #expect(histogram.sum == values.reduce(0, +))
    #expect(histogram.largest == values[4999])
    for percent: Int64 in 1...100 {
      let exact = values[Int(percent) * 50 - 1]
      let told = try #require(histogram.percentile(percent))
      #expect(abs(told - exact) <= exact / 32 + 1, "p\(percent): \(told), not \(exact)")
    }
  }

  @Test func bucketsOfTheMetricsAreExact() {
    var histogram = Histogram()
    for value: Microseconds in [0, 1, 15, 16, 17, 4095, 4096, 4097, 8192, 8193, 1 << 27, 1 << 27 + 1] {
      histogram.add(value)
    }
    #expect(histogram.count(upToPowerOfTwo: 4) == 4)
    #expect(histogram.count(upToPowerOfTwo: 12) == 7)
    #expect(histogram.count(upToPowerOfTwo: 13) == 9)
    #expect(histogram.count(upToPowerOfTwo: 27) == 11)
  }

  @Test func extremesDoNoHarm() {
    var histogram = Histogram()
    for value: Microseconds in [.min, -1, .max, 1 << 40] { histogram.add(value) }
    #expect(histogram.count == 4)
    #expect(histogram.percentile(1) == 1 || histogram.percentile(1) == 0)
    #expect(histogram.largest == .max)
    #expect(histogram.count(upToPowerOfTwo: 37) == 4)
  }

  @Test func mergedIsAsIfMeasuredInOne() {
    let random = SplitMix(seed: 9)
    var (one, two, both) = (Histogram(), Histogram(), Histogram())
    for turn in 0..<1000 {
      let value = Microseconds(random.next() >> 40)
      if turn % 3 == 0 { one.add(value) } else { two.add(value) }
      both.add(value)
    }
    one.merge(two)
    one.merge(Histogram())
    for percent: Int64 in 1...100 { #expect(one.percentile(percent) == both.percentile(percent)) }
    #expect(one.count == both.count && one.sum == both.sum && one.largest == both.largest)
  }
}
