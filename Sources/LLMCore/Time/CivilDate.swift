/// A day of the calendar. Its arithmetic counts in years that begin in March, so that the leap day comes last.
public struct CivilDate: Sendable {
  /// The year.
  public var year: Int64
  /// 1 to 12.
  public var month: Int64
  /// 1 to 31.
  public var day: Int64

  /// A date by its parts, which are not checked.
  public init(year: Int64, month: Int64, day: Int64) {
    self.year = year
    self.month = month
    self.day = day
  }

  /// The day with a number since 1970: the inverse of `daysSince1970`.
  public init(daysSince1970 number: Int64) {
    let shifted = number &+ 719_468
    let era = (shifted >= 0 ? shifted : shifted &- 146_096) / 146_097
    let dayOfEra = shifted &- era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  }

  /// The day's number.
  public var daysSince1970: Int64 {
    let shiftedYear = month <= 2 ? year &- 1 : year
    let shiftedMonth = (month &+ 9) % 12
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear % 400
    let dayOfYear = (153 * shiftedMonth &+ 2) / 5 &+ day &- 1
    return era &* 146_097 &+ yearOfEra * 365 &+ yearOfEra / 4 &- yearOfEra / 100 &+ dayOfYear &- 719_468
  }

  /// "2026-03-01T14:30:05Z" (RFC 3339) of seconds since 1970.
  public static func timestamp(_ unixSeconds: Int64) -> String {
    let date = CivilDate(daysSince1970: unixSeconds / 86_400)
    let second = unixSeconds % 86_400
    let day = date.year.description + "-" + padded(date.month) + "-" + padded(date.day)
    return day + "T" + padded(second / 3600) + ":" + padded(second / 60 % 60) + ":" + padded(second % 60) + "Z"
  }

  /// A number of two digits at least.
  public static func padded(_ number: Int64) -> String { number < 10 ? "0" + number.description : number.description }
}
