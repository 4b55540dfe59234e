/// What the library says about itself.
public enum Library {
  public static let version = "0.1.0"

  /// The compiler that built the library.
  public static var swiftVersion: String {
    #if swift(>=6.4)
      "6.4 or later"
    #elseif swift(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }
}
