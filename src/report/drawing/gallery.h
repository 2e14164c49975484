// Images with what was predicted of them: each with the most probable classes as bars, the true
// class where it is known, and a sign where the two differ.
//
//   html += gallery({{.name = "cat.png", .png = bytes, .truth = "cat",
//                     .classes = {{"cat", 0.81}, {"dog", 0.12}}}});
//
// Images are part of the page (data URIs). Small ones are enlarged without smoothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace espalier::report {

struct Prediction {
  std::string name = {};                                     // of the image: a file, a number
  std::vector<uint8_t> png = {};                             // the image, encoded
  std::string truth = {};                                    // "" = not known
  std::vector<std::pair<std::string, double>> classes = {};  // by descending probability, not empty
};

std::string gallery(const std::vector<Prediction>& predictions);

// "data:image/png;base64,..."
std::string data_uri(std::span<const uint8_t> png);

}  // namespace espalier::report
