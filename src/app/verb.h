// A verb of the program: `espalier pack ...`. One file in app/verbs, registered by name.
#pragma once

#include <CLI/CLI.hpp>

#include "comm/communicator.h"
#include "core/registry.h"

namespace espalier::app {

struct Context {
  comm::Communicator& control;  // every rank of this start; size 1 without mpirun
  std::string command = {};     // as it was typed, for provenance
  bool quiet = false;           // --quiet, given to every verb
};

class Verb : public Plugin {
 public:
  static constexpr const char* kKind = "verb";

  // Long options only; `command.footer()` holds an example that can be pasted.
  virtual void declare(CLI::App& command) = 0;

  // Returns the exit code, 0 for success; errors are thrown. Results go to stdout from rank 0,
  // everything else to log.
  [[nodiscard]] virtual int run(Context& context) = 0;

  // A verb that saves its work and ends with kExitRequeue when it is asked to stop
  // (core/stop_request.h). Others have nothing to save: the signal ends them.
  virtual bool stops_on_request() const { return false; }

  // The instruction set under which what this verb continues was computed; empty where it continues
  // nothing. Called on rank 0, before LibTorch is.
  virtual std::string instruction_set_before() const { return ""; }

  // A verb that trains for long. The start takes some tenths of a second more.
  virtual bool wants_huge_pages() const { return false; }

  // A verb that runs on one process only is refused under mpirun with more.
  virtual bool uses_ranks() const { return false; }
  // Whether a launcher that started more ranks than MPI sees is refused.
  virtual bool requires_ranks() const { return uses_ranks(); }
};

}  // namespace espalier::app
