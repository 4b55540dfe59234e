import CSwiftConv
import SwiftConvABI
import XCTest

/// The header's declarations and the Swift definitions must have the same types. The compiler checks it: a function whose
/// two sides differ in a parameter or result does not compile here.
final class HeaderAgreementTests: XCTestCase {
  private func agree<Function>(_ declared: Function, _ defined: Function) -> Int { 1 }

  func testEveryFunctionHasTheDeclaredType() {
    var count = 0
    count += agree(CSwiftConv.sc_last_error, SwiftConvABI.sc_last_error)
    count += agree(CSwiftConv.sc_version, SwiftConvABI.sc_version)
    count += agree(CSwiftConv.sc_swift_version, SwiftConvABI.sc_swift_version)
    count += agree(CSwiftConv.sc_isa, SwiftConvABI.sc_isa)
    count += agree(CSwiftConv.sc_cpu_features, SwiftConvABI.sc_cpu_features)
    count += agree(CSwiftConv.sc_num_threads, SwiftConvABI.sc_num_threads)
    count += agree(CSwiftConv.sc_set_num_threads, SwiftConvABI.sc_set_num_threads)
    count += agree(CSwiftConv.sc_memory_usage, SwiftConvABI.sc_memory_usage)
    count += agree(CSwiftConv.sc_set_host_lock, SwiftConvABI.sc_set_host_lock)
    count += agree(CSwiftConv.sc_tensor_borrow, SwiftConvABI.sc_tensor_borrow)
    count += agree(CSwiftConv.sc_tensor_empty, SwiftConvABI.sc_tensor_empty)
    count += agree(CSwiftConv.sc_tensor_from_int, SwiftConvABI.sc_tensor_from_int)
    count += agree(CSwiftConv.sc_tensor_from_double, SwiftConvABI.sc_tensor_from_double)
    count += agree(CSwiftConv.sc_tensor_from_bool, SwiftConvABI.sc_tensor_from_bool)
    count += agree(CSwiftConv.sc_tensor_retain, SwiftConvABI.sc_tensor_retain)
    count += agree(CSwiftConv.sc_tensor_release, SwiftConvABI.sc_tensor_release)
    count += agree(CSwiftConv.sc_tensor_describe, SwiftConvABI.sc_tensor_describe)
    count += agree(CSwiftConv.sc_tensor_item_double, SwiftConvABI.sc_tensor_item_double)
    count += agree(CSwiftConv.sc_tensor_item_int, SwiftConvABI.sc_tensor_item_int)
    count += agree(CSwiftConv.sc_tensor_host, SwiftConvABI.sc_tensor_host)
    count += agree(CSwiftConv.sc_tensor_set_host, SwiftConvABI.sc_tensor_set_host)
    count += agree(CSwiftConv.sc_grad_enabled, SwiftConvABI.sc_grad_enabled)
    count += agree(CSwiftConv.sc_set_grad_enabled, SwiftConvABI.sc_set_grad_enabled)
    count += agree(CSwiftConv.sc_tensor_set_requires_grad, SwiftConvABI.sc_tensor_set_requires_grad)
    count += agree(CSwiftConv.sc_tensor_grad, SwiftConvABI.sc_tensor_grad)
    count += agree(CSwiftConv.sc_tensor_set_grad, SwiftConvABI.sc_tensor_set_grad)
    count += agree(CSwiftConv.sc_tensor_retain_grad, SwiftConvABI.sc_tensor_retain_grad)
    count += agree(CSwiftConv.sc_tensor_detach, SwiftConvABI.sc_tensor_detach)
    count += agree(CSwiftConv.sc_tensor_set_data, SwiftConvABI.sc_tensor_set_data)
    count += agree(CSwiftConv.sc_tensor_grad_fn, SwiftConvABI.sc_tensor_grad_fn)
    count += agree(CSwiftConv.sc_tensor_version, SwiftConvABI.sc_tensor_version)
    count += agree(CSwiftConv.sc_backward, SwiftConvABI.sc_backward)
    count += agree(CSwiftConv.sc_operator_count, SwiftConvABI.sc_operator_count)
    count += agree(CSwiftConv.sc_operator_name, SwiftConvABI.sc_operator_name)
    count += agree(CSwiftConv.sc_operator_index, SwiftConvABI.sc_operator_index)
    count += agree(CSwiftConv.sc_operator_arity, SwiftConvABI.sc_operator_arity)
    count += agree(CSwiftConv.sc_apply, SwiftConvABI.sc_apply)
    count += agree(CSwiftConv.sc_apply_in_place, SwiftConvABI.sc_apply_in_place)
    count += agree(CSwiftConv.sc_apply_into, SwiftConvABI.sc_apply_into)
    count += agree(CSwiftConv.sc_corr2d, SwiftConvABI.sc_corr2d)
    count += agree(CSwiftConv.sc_tensor_add_hook, SwiftConvABI.sc_tensor_add_hook)
    count += agree(CSwiftConv.sc_tensor_remove_hook, SwiftConvABI.sc_tensor_remove_hook)
    count += agree(CSwiftConv.sc_record_function, SwiftConvABI.sc_record_function)
    count += agree(CSwiftConv.sc_conv_algorithm, SwiftConvABI.sc_conv_algorithm)
    count += agree(CSwiftConv.sc_set_conv_algorithm, SwiftConvABI.sc_set_conv_algorithm)
    count += agree(CSwiftConv.sc_conv_plan, SwiftConvABI.sc_conv_plan)
    XCTAssertEqual(count, 46, "a function of swiftconv.h is not compared here")
  }

  func testOperatorNamesAreDistinctAndFound() throws {
    let count = SwiftConvABI.sc_operator_count()
    let names = try (0..<count).map { String(cString: try XCTUnwrap(SwiftConvABI.sc_operator_name($0))) }
    XCTAssertEqual(Set(names).count, names.count)
    for (index, name) in names.enumerated() { XCTAssertEqual(SwiftConvABI.sc_operator_index(name), Int32(index)) }
    XCTAssertEqual(SwiftConvABI.sc_operator_index("no such operator"), -1)
    XCTAssertNil(SwiftConvABI.sc_operator_name(count))
  }
}
