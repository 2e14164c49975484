#pragma once

#include <gtest/gtest.h>

#include <string>

#include "core/error.h"

namespace espalier {

// What `action` says when it fails; the test fails where it does not, or with another kind.
template <typename Action>
std::string error_of(Kind kind, const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), kind) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return {};
}

}  // namespace espalier
