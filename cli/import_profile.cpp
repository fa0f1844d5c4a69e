#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "base/error.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "calibrate/profile/slice_costs.hpp"
#include "cli/command.hpp"
#include "cli/flag_text.hpp"

namespace kerf::cli {
namespace {

struct ImportArguments {
  std::string blocks, model, host, input_bytes, out;
};

// --out, or <model>-<host>.json here.
std::filesystem::path output_file(const ImportArguments& arguments) {
  if (arguments.out.empty()) {
    const std::string name = arguments.model + "-" + arguments.host;
    if (name.find('/') != std::string::npos) {
      throw Error(ErrorCode::kUsage, "--model and --as", fmt::format("\"{}\" cannot be a file's name", name),
                  "names without \"/\"", "name the file with --out");
    }
    return name + ".json";
  }
  std::error_code no_such_file;
  if (std::filesystem::equivalent(arguments.out, arguments.blocks, no_such_file)) {
    throw Error(ErrorCode::kUsage, "--out", "the profile would overwrite " + arguments.blocks,
                "another file");
  }
  return arguments.out;
}

void import_profile(const ImportArguments& arguments) {
  // "0.07kB" is 70 bytes, though not in binary fractions.
  const Bytes input(std::round(flag(parse_bytes, arguments.input_bytes, "--input-bytes").value()));
  const std::filesystem::path out = output_file(arguments);
  const Profile profile = import_blocks_csv(read_file(arguments.blocks), arguments.blocks, arguments.model,
                                            arguments.host, input);
  write_profile(profile, out);
  fmt::print("Written: {}: {} on {}, {} blocks, {} in all\n", out.string(), profile.model, profile.host,
             profile.blocks.size(), format(profile.rows.front().exit.back()));
}

}  // namespace

void add_import_profile(CLI::App& app) {
  CLI::App* command =
      app.add_subcommand("import-profile", "Make a profile of block times that others measured");
  const auto arguments = std::make_shared<ImportArguments>();
  command
      ->add_option("blocks", arguments->blocks, "CSV: block,seconds,output_bytes, one row a block in order")
      ->required();
  const auto required = [command](const char* flag, std::string& value, const char* help) {
    command->add_option(flag, value, help)->required()->check([](const std::string& text) {
      return text.empty() ? std::string("must not be empty") : std::string();
    });
  };
  required("--model", arguments->model, "The model's name");
  required("--as", arguments->host, "The name of the host on which the blocks were measured");
  required("--input-bytes", arguments->input_bytes, "What the model's input holds, such as 150kB");
  command->add_option("--out", arguments->out, "The profile's file; MODEL-HOST.json unless given");
  command->callback([arguments] { import_profile(*arguments); });
}

}  // namespace kerf::cli
