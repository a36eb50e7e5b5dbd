// The files of the web front end, as the hub gives them to browsers: console and public portal, built by npm.
//
// Everything is read into memory once; a path finds exactly what lay there then, so that no path leads out of the
// directory. What npm compressed beside a file (a.js.br, a.js.gz) is given to who accepts it. Every answer carries the
// headers that keep a page to itself: no foreign script, style, frame or request, no guessed types.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "hub/edge/dispatcher.h"

namespace zhanqiao::console {

// Headers of every answer, pages and files alike. `host` without port: an HSTS promise is not made for loopback names, where
// it would bind whatever else a developer serves there.
edge::Metadata GuardHeaders(std::string_view host);

// Thread-safe: nothing changes once loaded.
class StaticFiles {
 public:
  // Reads `directory`. NOT_FOUND / CONSOLE_NOT_BUILT unless index.html and console/index.html lie there.
  static absl::StatusOr<std::unique_ptr<StaticFiles>> Load(const std::filesystem::path& directory);

  // Answers GET and HEAD; 405 for other verbs. A path that names no file and has no dot in its last part is a place inside
  // a page when the asker takes HTML: below /console/ the console's, elsewhere the portal's. Anything else: 404, as JSON
  // with PATH_UNKNOWN. Files below /assets/ carry a hash in their names and may be kept for a year; all others are asked
  // for again by their ETag.
  edge::HttpResponse Answer(const edge::HttpRequest& request) const;

  // One more file, at `path`, as if it lay there. Before traffic starts.
  void Add(std::string_view path, std::string_view type, std::string body);

  size_t files() const { return files_.size(); }

 private:
  struct Form {  // one encoding of a file
    std::string body;
    std::string etag;
  };
  struct File {
    std::string type;
    bool immutable = false;
    Form plain, gzip, brotli;  // without etag: not there
  };
  static const Form& Chosen(const File& file, std::string_view accepted, std::string_view& coding);
  const File* Find(std::string_view path, bool html) const;

  absl::flat_hash_map<std::string, File> files_;  // by path: "/assets/a.js"
};

}  // namespace zhanqiao::console
