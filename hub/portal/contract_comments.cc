// Build tool: writes the comments of the contract as a table, for those who read the OpenAPI document. Compiled descriptors
// carry no comments; a descriptor set made with --include_source_info does.
//
//   contract_comments SET OUT
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <string>

namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;

// One line, without the breaks of its source.
std::string Flowing(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (!blank) out += c;
    if (blank && !out.empty() && out.back() != ' ') out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

class Comments {
 public:
  template <typename Element>
  void Take(const Element* element) {
    google::protobuf::SourceLocation at;
    if (!element->GetSourceLocation(&at)) return;
    const std::string text = Flowing(at.leading_comments + at.trailing_comments);
    if (!text.empty()) texts_[element->full_name()] = text;
  }
  void TakeMessage(const Descriptor* message) {
    Take(message);
    for (int i = 0; i < message->field_count(); ++i) Take(message->field(i));
    for (int i = 0; i < message->nested_type_count(); ++i) TakeMessage(message->nested_type(i));
    for (int i = 0; i < message->enum_type_count(); ++i) TakeEnum(message->enum_type(i));
  }
  void TakeEnum(const EnumDescriptor* type) {
    Take(type);
    for (int i = 0; i < type->value_count(); ++i) Take(type->value(i));
  }
  const std::map<std::string, std::string>& texts() const { return texts_; }

 private:
  std::map<std::string, std::string> texts_;
};

std::string Quoted(const std::string& text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::fprintf(stderr, "contract_comments SET OUT\n"), 2;
  google::protobuf::FileDescriptorSet set;
  std::ifstream in(argv[1], std::ios::binary);
  if (!set.ParseFromIstream(&in)) return std::fprintf(stderr, "contract_comments: %s is no descriptor set\n", argv[1]), 1;
  google::protobuf::DescriptorPool pool;
  Comments comments;
  for (const auto& proto : set.file()) {
    const auto* file = pool.BuildFile(proto);
    if (file == nullptr) return std::fprintf(stderr, "contract_comments: %s does not build\n", proto.name().c_str()), 1;
    if (file->package() != "zhanqiao.v1") continue;
    for (int i = 0; i < file->message_type_count(); ++i) comments.TakeMessage(file->message_type(i));
    for (int i = 0; i < file->enum_type_count(); ++i) comments.TakeEnum(file->enum_type(i));
    for (int i = 0; i < file->service_count(); ++i) {
      comments.Take(file->service(i));
      for (int k = 0; k < file->service(i)->method_count(); ++k) comments.Take(file->service(i)->method(k));
    }
  }
  std::ofstream out(argv[2]);
  out << "// Made by contract_comments.\n#include \"hub/portal/contract_texts.h\"\n\nnamespace zhanqiao::portal {\n\n"
         "const std::pair<std::string_view, std::string_view> kContractTexts[] = {\n";
  for (const auto& [name, text] : comments.texts()) out << "    {" << Quoted(name) << ", " << Quoted(text) << "},\n";
  out << "};\nconst size_t kContractTextCount = " << comments.texts().size() << ";\n\n}  // namespace zhanqiao::portal\n";
  return out.flush() ? 0 : 1;
}
