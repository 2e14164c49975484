#include "augment/fields.h"

#include "core/error.h"

namespace espalier::augment {

Field length_field(const std::string& name, int64_t& length, const std::string& help) {
  return {name, &length, {.min = 1, .max = kMaxPixels, .unit = "px", .help = help}};
}

Field place_field(const std::string& name, int64_t& place, const std::string& help) {
  return {name, &place, {.min = -kMaxPixels, .max = kMaxPixels, .unit = "px", .help = help}};
}

Field factor_field(const std::string& name, double& factor, const std::string& help) {
  return {name, &factor, {.min = 0, .max = 1000, .help = help}};
}

Field area_field(std::vector<double>& scale) {
  return {"scale",
          &scale,
          {.min = 0, .max = 1, .help = "smallest and largest share of the image's area"}};
}

Field ratio_field(std::vector<double>& ratio, const std::string& of_what) {
  return {"ratio", &ratio, {.min = 1e-3, .max = 1e3, .help = "smallest and largest " + of_what}};
}

Field probability_field(double& probability) {
  return {"p", &probability, {.min = 0, .max = 1, .help = "probability that the op is applied"}};
}

void check_range(const std::string& name, const std::vector<double>& range) {
  check(range.size() == 2 && range[0] <= range[1], Kind::kUsage,
        "{} is [{}], it must be two numbers, the least and the most", name, fmt::join(range, ", "));
}

void check_number_or_range(const std::string& name, const std::vector<double>& range) {
  check(range.size() == 1 || (range.size() == 2 && range[0] <= range[1]), Kind::kUsage,
        "{} is [{}], it must be one number, or two: the least and the most", name,
        fmt::join(range, ", "));
}

}  // namespace espalier::augment
