// The files of a run folder, read so that what is missing or damaged becomes a note of the run.
#pragma once

#include <string>
#include <vector>

#include "core/jsonl.h"
#include "report/run.h"

namespace espalier::report {

bool there(const std::filesystem::path& path);

// The text of a file of the run; where there is none, "" and a note.
std::string read_part(Run& run, const std::string& file);
// An object; empty, with a note, where there is none.
Json read_json(Run& run, const std::string& file);

// A field of an object: NaN, "" or an empty list where it is not there or of another kind.
double number(const Json& object, const std::string& key);
std::string text(const Json& object, const std::string& key);
std::vector<std::string> texts(const Json& object, const std::string& key);
// The objects of an array.
std::vector<Json> objects(const Json& object, const std::string& key);

// Path, name, configuration and provenance.
void read_common(Run& run, const std::filesystem::path& path);

TransferRun read_transfer(const std::filesystem::path& path);

}  // namespace espalier::report
