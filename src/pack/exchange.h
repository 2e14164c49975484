// The exchanges between the ranks of a pack. This folder knows no communicator: the caller who
// starts a pack passes one in. All calls are collective, in the same order on every rank.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace espalier::pack {

class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual int rank() const = 0;
  virtual int ranks() const = 0;
  // Runs `action` on every rank; where it throws on any rank, every rank throws.
  virtual void agree(const std::function<void()>& action) = 0;
  // The same, but `action` runs on rank 0 alone; the others wait for its result.
  virtual void on_rank_zero(const std::function<void()>& action) = 0;
  // Every rank's text, by rank, on every rank.
  virtual std::vector<std::string> gather(const std::string& text) = 0;
};

// One process that packs alone.
class Alone : public Exchange {
 public:
  int rank() const override { return 0; }
  int ranks() const override { return 1; }
  void agree(const std::function<void()>& action) override { action(); }
  void on_rank_zero(const std::function<void()>& action) override { action(); }
  std::vector<std::string> gather(const std::string& text) override { return {text}; }
};

}  // namespace espalier::pack
