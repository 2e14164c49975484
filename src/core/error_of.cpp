#include "core/error_of.h"

#include <new>
#include <stdexcept>
#include <string>
#include <system_error>

namespace espalier {
namespace {

constexpr const char* kLessMemory =
    "(try: a smaller data.batch, data.depth or model, fewer data.threads, or more nodes)";

// LibTorch has no exception type of its own for a lack of host memory.
bool tells_of_memory(const std::string& text) {
  for (const char* part : {"can't allocate memory", "not enough memory", "out of memory"})
    if (text.find(part) != std::string::npos) return true;
  return false;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

Error error_of(const std::exception_ptr& caught) {
  try {
    std::rethrow_exception(caught);
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(Kind::kIo, "there is not enough memory {}", kLessMemory);
  } catch (
      const std::system_error& error) {  // also std::filesystem's, and threads that cannot start
    return Error(Kind::kIo, "{}", error.what());
  } catch (const std::exception& error) {
    const std::string text = first_line(error.what());
    if (tells_of_memory(text))
      return Error(Kind::kIo, "there is not enough memory: {} {}", text, kLessMemory);
    return Error(Kind::kBug, "{}", text);
  } catch (...) {
    return Error(Kind::kBug, "an exception of unknown type");
  }
}

}  // namespace espalier
