#include "hub/api/reflection.h"

#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"

namespace zhanqiao::api {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;

void CollectFiles(const FileDescriptor* file, std::unordered_set<const FileDescriptor*>& seen,
                  std::vector<std::string>& files) {
  if (!seen.insert(file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file->CopyTo(&proto);
  files.push_back(proto.SerializeAsString());
  for (int i = 0; i < file->dependency_count(); ++i) CollectFiles(file->dependency(i), seen, files);
}

// One stream of either version: the messages are the same but for their package.
template <typename Request, typename Response>
class ReflectionStream final : public StreamHandler<Request> {
 public:
  ReflectionStream(const MethodTable& table, std::shared_ptr<StreamSink<Response>> sink)
      : table_(table), sink_(std::move(sink)) {}

  void OnMessage(const Caller&, Request& request) override {
    if (sink_->buffered() > kBufferedMax) sink_->Pause();
    Response response;
    response.set_valid_host(request.host());
    Answer(request, response);
    *response.mutable_original_request() = std::move(request);
    sink_->Write(response);
  }
  void OnHalfClose() override { sink_->Finish(absl::OkStatus()); }
  void OnCancel() override {}
  void OnDrained() override { sink_->Resume(); }

 private:
  static constexpr size_t kBufferedMax = 256 << 10;

  void Answer(const Request& request, Response& response) {
    const DescriptorPool& pool = *DescriptorPool::generated_pool();
    switch (request.message_request_case()) {
      case Request::kListServices:
        for (auto& name : table_.Services()) {
          response.mutable_list_services_response()->add_service()->set_name(std::move(name));
        }
        return;
      case Request::kFileByFilename:
        return File(pool.FindFileByName(request.file_by_filename()), "File not found.", response);
      case Request::kFileContainingSymbol:
        return File(pool.FindFileContainingSymbol(request.file_containing_symbol()), "Symbol not found.", response);
      case Request::kFileContainingExtension: {
        const auto& wanted = request.file_containing_extension();
        const Descriptor* type = pool.FindMessageTypeByName(wanted.containing_type());
        const FieldDescriptor* field =
            type == nullptr ? nullptr : pool.FindExtensionByNumber(type, wanted.extension_number());
        return File(field == nullptr ? nullptr : field->file(), "Extension not found.", response);
      }
      case Request::kAllExtensionNumbersOfType:
        return Extensions(pool, request.all_extension_numbers_of_type(), response);
      default:
        return Error(absl::StatusCode::kInvalidArgument, "The request names nothing to look up.", response);
    }
  }

  static void File(const FileDescriptor* file, const char* missing, Response& response) {
    if (file == nullptr) return Error(absl::StatusCode::kNotFound, missing, response);
    std::unordered_set<const FileDescriptor*> seen;
    std::vector<std::string> files;
    CollectFiles(file, seen, files);
    for (auto& bytes : files) response.mutable_file_descriptor_response()->add_file_descriptor_proto(std::move(bytes));
  }

  static void Extensions(const DescriptorPool& pool, const std::string& type, Response& response) {
    const Descriptor* found = pool.FindMessageTypeByName(type);
    if (found == nullptr) return Error(absl::StatusCode::kNotFound, "Type not found.", response);
    std::vector<const FieldDescriptor*> extensions;
    pool.FindAllExtensions(found, &extensions);
    auto* numbers = response.mutable_all_extension_numbers_response();
    numbers->set_base_type_name(type);
    for (const FieldDescriptor* extension : extensions) numbers->add_extension_number(extension->number());
  }

  static void Error(absl::StatusCode code, const char* message, Response& response) {
    response.mutable_error_response()->set_error_code(static_cast<int>(code));
    response.mutable_error_response()->set_error_message(message);
  }

  const MethodTable& table_;
  const std::shared_ptr<StreamSink<Response>> sink_;  // shared with the call
};

template <typename Request, typename Response>
void RegisterVersion(MethodTable& table, std::string_view name) {
  table.Stream<Request, Response>(
      name,
      [&table](std::shared_ptr<StreamSink<Response>> sink) {
        return std::make_unique<ReflectionStream<Request, Response>>(table, std::move(sink));
      },
      RegisterOptions{.anonymous = true});
}

}  // namespace

void RegisterReflection(MethodTable& table) {
  namespace v1 = grpc::reflection::v1;
  namespace v1alpha = grpc::reflection::v1alpha;
  RegisterVersion<v1::ServerReflectionRequest, v1::ServerReflectionResponse>(
      table, "grpc.reflection.v1.ServerReflection.ServerReflectionInfo");
  RegisterVersion<v1alpha::ServerReflectionRequest, v1alpha::ServerReflectionResponse>(
      table, "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo");
}

}  // namespace zhanqiao::api
