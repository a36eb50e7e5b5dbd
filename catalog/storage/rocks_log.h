// RocksDB's own diary, written so that a failing disk cannot stop the process. For rocks_store.cc only.
//
// The logger that comes with Debian's RocksDB asserts when a write follows a failed one: on a full disk the
// second line of its diary would abort the hub. This one drops lines it cannot write.
#pragma once

#include <rocksdb/env.h>

#include <filesystem>
#include <memory>

namespace zhanqiao::storage {

// A logger of level INFO to the file LOG in `directory`; the LOG of before becomes LOG.old.<microseconds>, of which
// RocksDB keeps the newest ten. Drops everything if the file cannot be opened.
std::shared_ptr<rocksdb::Logger> DiaryIn(const std::filesystem::path& directory);

// A logger that drops everything: for readers, which must not change a file.
std::shared_ptr<rocksdb::Logger> NoDiary();

}  // namespace zhanqiao::storage
