// How close two numbers have to be, and why. Differences are relative to the larger of 1 and the
// expected value; where nothing here applies, equal means equal bits.
#pragma once

namespace espalier::tolerance {

// The same formula in float64 by another implementation, or the same terms summed in another
// order: hundreds of roundings of 1.1e-16, none amplified.
inline constexpr double kRounding64 = 1e-12;

// A deep network in float64: sums of thousands of terms, and batch statistics of few values that
// amplify them from layer to layer.
inline constexpr double kDeep64 = 1e-9;

// As kRounding64 in float32: hundreds of roundings of 6e-8, of either sign.
inline constexpr double kRounding32 = 1e-5;

// Central differences in float64 with step h = 1e-6 on functions of size 1: h^2 = 1e-12 times a
// third derivative, 1e-15 / h = 1e-9 of rounding; small, so that no ReLU changes side.
inline constexpr double kNumericStep = 1e-6;
inline constexpr double kNumericGradient = 1e-7;

// The mean of n values of deviation 1 lies within 5 / sqrt(n) of its expectation, but for 1 seed in
// 1.7 million; tests draw with fixed seeds.
inline constexpr double kDeviations = 5;

}  // namespace espalier::tolerance
