import CPlatform

/// Whether operations are recorded, for the current thread.
public enum GradientMode {
  public static var isEnabled: Bool {
    get { !sc_current_thread_state().pointee.grad_disabled }
    set { sc_current_thread_state().pointee.grad_disabled = !newValue }
  }

  /// Runs `body` with recording on or off, and restores the mode afterwards.
  public static func with<Result>(_ enabled: Bool, _ body: () throws -> Result) rethrows -> Result {
    let previous = isEnabled
    isEnabled = enabled
    defer { isEnabled = previous }
    return try body()
  }
}

/// Runs `body` without recording.
public func withoutGradients<Result>(_ body: () throws -> Result) rethrows -> Result {
  try GradientMode.with(false, body)
}
