import LLMConfig
import LLMCore

/// One change of a window, and whether it may be made: decided where the window is, in one step.
final class LimitUpdate: StoreUpdate {
  private let change: LimitWindow.Change
  /// Whether the change is made only where the limits allow for it.
  private let asksForLeave: Bool
  private let backlog: LimitWindow?
  private let settings: LimitSettings
  private let owner: UInt64
  private let unixNow: Microseconds
  /// The window as it is now.
  private(set) var window = LimitWindow()
  /// Whether the change was made.
  private(set) var isMade = false

  /// `backlog` is counted first, whatever comes of the change.
  init(
    _ change: LimitWindow.Change, asksForLeave: Bool, backlog: LimitWindow?, _ settings: LimitSettings, owner: UInt64,
    unixNow: Microseconds
  ) {
    self.change = change
    self.asksForLeave = asksForLeave
    self.backlog = backlog
    self.settings = settings
    self.owner = owner
    self.unixNow = unixNow
  }

  /// How long a window is kept that nobody changes.
  static func timeToLive(_ settings: LimitSettings) -> Microseconds {
    settings.window &* 2 &+ max(settings.lease, LimitWindow.longestClosure)
  }

  /// Why the change was not made.
  func refusal() -> LimitWindow.Leave { window.leave(for: change.tokens, settings, unixNow: unixNow) }

  private var expiry: Microseconds { unixNow &+ settings.lease }

  func newValue(for current: ByteBuffer?) -> ByteBuffer? {
    window = current.flatMap { LimitWindow($0) } ?? LimitWindow()
    if let backlog { window.merge(backlog) }
    window.forget(settings, unixNow: unixNow)
    isMade = true
    if asksForLeave, case .notBefore = refusal() { isMade = false }
    if isMade { window.apply(change, owner: owner, expiry: expiry) }
    return isMade || backlog != nil ? window.encoded : nil
  }

  // MARK: On a server

  /// The script answers with "1" or "0", and the window.
  func take(answer: ByteBuffer) -> Bool {
    let bytes = answer.bytes
    guard let first = bytes.first, let window = LimitWindow(UnsafeRawBufferPointer(rebasing: bytes.dropFirst())) else {
      return false
    }
    isMade = first == UInt8(ascii: "1")
    self.window = window
    return true
  }

  var arguments: [ByteBuffer] {
    let numbers: [Int64] = [
      unixNow, unixNow / LimitWindow.sliceLength(settings), max(1, LimitUpdate.timeToLive(settings) / 1000),
      asksForLeave ? 1 : 0, change.tokens, settings.requests, settings.tokens, settings.concurrency,
    ]
    let texts = numbers.map { number in
      let text = ByteBuffer()
      text.append(integer: number)
      return text
    }
    return [backlog?.encoded ?? ByteBuffer(), LimitWindow(change, owner: owner, expiry: expiry).encoded] + texts
  }

  /// `newValue` in Lua, line by line; a test holds both to the same. Lua's numbers are exact below 2^53, and what is larger
  /// is out of bounds; ids of owners stay bytes.
  var script: StaticText {
    """
    local now, current, ttl = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
    local asks, tokens = ARGV[6] == '1', tonumber(ARGV[7])
    local most_requests, most_tokens, most_held = tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
    local slice_format, lease_format, counted, held_at_most = '<i8i8i8', '<c8i8i8', 2^53 - 1, 1e9

    local function sum(a, b, most) return math.min(math.max(a + b, 0), most) end
    local function read(text, is_backlog)
      local window = {slices = {}, leases = {}, closed = 0}
      if not text or #text < 24 then return window end
      local version, slices, leases, _, closed = struct.unpack('<I4I4I4I4i8', text)
      if version ~= 1 or slices > 256 or leases > 65536 or #text ~= 24 + 24 * (slices + leases) then return window end
      window.closed = math.max(0, closed)
      local last = -1
      for place = 1, slices do
        local id, amount, extra = struct.unpack(slice_format, text, 1 + 24 * place)
        if is_backlog or (id > last and amount >= 0 and amount <= counted and extra >= 0 and extra <= counted) then
          window.slices[#window.slices + 1] = {id, amount, extra}
          last = id
        end
      end
      for place = slices + 1, slices + leases do
        local id, amount, extra = struct.unpack(lease_format, text, 1 + 24 * place)
        if is_backlog or (amount >= 0 and amount <= held_at_most) then
          window.leases[#window.leases + 1] = {id, amount, extra}
        end
      end
      return window
    end
    local function count(slices, new)
      local place = #slices
      while place > 0 and slices[place][1] > new[1] do place = place - 1 end
      local old = slices[place]
      if old and old[1] == new[1] then
        old[2], old[3] = sum(old[2], new[2], counted), sum(old[3], new[3], counted)
        return
      end
      local requests, extra = sum(0, new[2], counted), sum(0, new[3], counted)
      if requests ~= 0 or extra ~= 0 then table.insert(slices, place + 1, {new[1], requests, extra}) end
    end
    local function hold(leases, new)
      for _, lease in ipairs(leases) do
        if lease[1] == new[1] then
          lease[2], lease[3] = sum(lease[2], new[2], held_at_most), math.max(lease[3], new[3])
          return
        end
      end
      local held = sum(0, new[2], held_at_most)
      if held ~= 0 then leases[#leases + 1] = {new[1], held, new[3]} end
    end
    local function merge(window, backlog)
      for _, slice in ipairs(backlog.slices) do count(window.slices, slice) end
      for _, lease in ipairs(backlog.leases) do hold(window.leases, lease) end
      window.closed = math.max(window.closed, backlog.closed)
    end
    local function keep(entries, is_kept)
      local kept = {}
      for _, entry in ipairs(entries) do if is_kept(entry) then kept[#kept + 1] = entry end end
      return kept
    end

    local window = read(redis.call('GET', KEYS[1]), false)
    merge(window, read(ARGV[1], true))
    window.slices = keep(window.slices, function(slice) return slice[1] > current - 102 and slice[1] <= current + 102 end)
    window.leases = keep(window.leases, function(lease)
      return lease[2] > 0 and lease[3] > now and lease[3] - now <= 90000000000
    end)
    if window.closed - now > 300000000 then window.closed = 0 end

    local is_made = true
    if asks then
      local requests, extra, held = 0, 0, 0
      for _, slice in ipairs(window.slices) do requests, extra = requests + slice[2], extra + slice[3] end
      for _, lease in ipairs(window.leases) do held = held + lease[2] end
      is_made = window.closed <= now and not (most_held > 0 and held >= most_held)
        and not (most_requests > 0 and requests >= most_requests)
        and not (most_tokens > 0 and extra + tokens > most_tokens)
    end
    if is_made then merge(window, read(ARGV[2], true)) end

    local parts = {struct.pack('<I4I4I4I4i8', 1, #window.slices, #window.leases, 0, window.closed)}
    for _, slice in ipairs(window.slices) do parts[#parts + 1] = struct.pack(slice_format, unpack(slice)) end
    for _, lease in ipairs(window.leases) do parts[#parts + 1] = struct.pack(lease_format, unpack(lease)) end
    local text = table.concat(parts)
    if is_made or ARGV[1] ~= '' then redis.call('SET', KEYS[1], text, 'PX', ttl) end
    return (is_made and '1' or '0') .. text
    """
  }
}
