// The signatures of test images, each with a radius, in which what lies near is found quickly: a
// tree that halves them by one of their first numbers after the other (Bentley, "Multidimensional
// binary search trees", CACM 1975).
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "image/image.h"

namespace espalier::leaks {

class Gallery {
 public:
  // Signatures of `side`^2 numbers of every thumbnail in each of `boxes`. An image of radius 0 is
  // left out.
  Gallery(const std::vector<image::Image>& thumbnails, const std::vector<image::Box>& boxes,
          int64_t side, const std::vector<float>& radius, int64_t threads);

  // visit(number of the thumbnail, distance) of all whose radius reaches `signature`. From any
  // number of threads.
  void reached(std::span<const float> signature,
               const std::function<void(int64_t, float)>& visit) const;

 private:
  struct Entry {
    int64_t image;
    image::Box box;
    std::vector<float> numbers = {};
  };

  // The places [begin, end) are a tree: the middle one divides them by number `depth` of it.
  struct Tree {
    int64_t begin, end, depth;
    int64_t middle() const { return (begin + end) / 2; }
    bool leaf() const;
    Tree low() const { return {begin, middle(), depth + 1}; }
    Tree high() const { return {middle(), end, depth + 1}; }
    size_t axis() const;
  };

  struct Node {
    float divider, reach;  // reach: the largest radius in the tree
  };

  float divide(const Tree& tree, std::vector<Entry>& entries);
  void search(const Tree& tree, std::span<const float> signature,
              const std::function<void(int64_t, float)>& visit) const;
  std::span<const float> numbers(int64_t place) const;

  size_t length_;
  std::vector<float> radius_;   // of each thumbnail
  std::vector<int64_t> image_;  // at each place
  std::vector<float> numbers_;  // of the signature at each place
  std::vector<Node> nodes_;     // of the tree whose middle is a place
};

}  // namespace espalier::leaks
