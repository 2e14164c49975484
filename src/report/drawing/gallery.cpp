#include "report/drawing/gallery.h"

#include <fmt/format.h>

#include <algorithm>

#include "report/html.h"
#include "report/numbers.h"

namespace espalier::report {
namespace {

constexpr size_t kMostBars = 5;

// The true class has its bar even where it is not among the most probable.
std::vector<std::pair<std::string, double>> shown_classes(const Prediction& prediction) {
  std::vector<std::pair<std::string, double>> shown;
  for (const auto& one : prediction.classes)
    if (shown.size() < kMostBars || one.first == prediction.truth) shown.push_back(one);
  if (shown.size() > kMostBars) shown.erase(shown.begin() + kMostBars - 1);
  return shown;
}

std::string bars(const Prediction& prediction) {
  std::string out = "<table>";
  for (const auto& [name, probability] : shown_classes(prediction)) {
    const bool is_true = name == prediction.truth;
    out += fmt::format(
        "<tr><th scope=\"row\">{}{}</th><td><i style=\"width:{:.0f}%\"{}></i></td><td>{}</td></tr>",
        escape(name), is_true ? " ✓" : "", 100 * std::clamp(probability, 0.0, 1.0),
        is_true ? " class=\"true\"" : "", percent(probability));
  }
  return out + "</table>";
}

std::string verdict(const Prediction& prediction) {
  const std::string& most = prediction.classes.front().first;
  if (prediction.truth.empty()) return escape(most);
  if (prediction.truth == most) return escape(most) + ", right";
  return "<b>" + escape(most) + "</b>, but it is " + escape(prediction.truth);
}

}  // namespace

std::string gallery(const std::vector<Prediction>& predictions) {
  std::string out = "<div class=\"gallery\">\n";
  for (const Prediction& one : predictions)
    out += "<figure><img alt=\"" + escape(one.name) + "\" src=\"" + data_uri(one.png) +
           "\"><figcaption>" + verdict(one) + "<span>" + escape(one.name) + "</span></figcaption>" +
           bars(one) + "</figure>\n";
  return out + "</div>\n";
}

std::string data_uri(std::span<const uint8_t> png) {
  constexpr const char* kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = "data:image/png;base64,";
  for (size_t at = 0; at < png.size(); at += 3) {
    const size_t count = std::min<size_t>(3, png.size() - at);
    uint32_t bits = 0;
    for (size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < count ? png[at + i] : 0);
    for (size_t i = 0; i < 4; ++i) out += i <= count ? kDigits[bits >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

}  // namespace espalier::report
