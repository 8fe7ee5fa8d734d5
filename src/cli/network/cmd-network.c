/* cmd-network.c -- reverie network: chooses the subcommand; shared functions. */
#include "cmd-network.h"
#include <string.h>

static const RvOptionRow own_options[] = {
  { "output", 'o', RV_OPTION_TEXT, .unit = "OUT", .help = "import: the safetensors file to write" },
  { "network", 0, RV_OPTION_CHOICE, NULL, .unit = "NAME",
    .help = "import: the network that the file must contain [detected]", .choices = rv_net_names },
  { "preprocessing", 0, RV_OPTION_TEXT, .unit = "TEXT",
    .help =
      "import: the input that the network was trained on, if the file does not say it or says it wrongly, such as "
      "\"bgr_0_255 minus 103.939,116.779,123.68 divided by 1\"" },
  { "labels", 0, RV_OPTION_TEXT, .unit = "FILE",
    .help = "import: a text file with the name of each class on a line, for reverie dream --toward" },
  { "f16", 0, RV_OPTION_BOOL, .help = "import: half floats, half the size" },
  { "all", 0, RV_OPTION_BOOL, .help = "import: dense layers as well, which Reverie does not use" },
  { "from", 0, RV_OPTION_TEXT, .unit = "URL", .help = "get: the only address to download from" },
  { "threads", 't', RV_OPTION_INT, "0", 0, 1024, .unit = "COUNT",
    .help = "verify: threads to compute with; 0: one for each physical core" },
  { "offline", 0, RV_OPTION_BOOL, .help = "never use the internet; as REVERIE_OFFLINE=1" },
  { "json", 0, RV_OPTION_BOOL, .help = "list, info: print JSON, for programs" },
  { "force", 'f', RV_OPTION_BOOL, .help = "replace OUT if it exists" },
  { "quiet", 'q', RV_OPTION_BOOL, .help = "print no progress" },
  { NULL },
};

static const Subcommand subcommands[] = {
  { "list [--json]", "known networks: whether installed, size, licence, use", network_list },
  { "info NAME|FILE [--json]", "layers, parameters, pre-processing, source, hashes", network_info },
  { "get NAME... [--from URL]", "download the published weights, check them, make them ready", network_get },
  { "verify [NAME|FILE...]", "check hashes, numbers and preprocessing of weights files", network_verify },
  { "import FILE|FOLDER -o OUT.safetensors",
    "convert weights of Keras, PyTorch, Caffe or ONNX; FOLDER: MicroAST's files, for reverie style --learned any",
    network_import },
  { NULL },
};

/* ---- shared ------------------------------------------------------------------------------------------------------ */

char *
network_number_text (gint64 number)
{
  g_autofree char *digits = g_strdup_printf ("%" G_GINT64_FORMAT, number);
  GString *text = g_string_new (NULL);
  gsize length = strlen (digits);
  for (gsize i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0)
      g_string_append_c (text, ',');
    g_string_append_c (text, digits[i]);
  }
  return g_string_free (text, FALSE);
}

void
network_print_json (JsonBuilder *json)
{
  g_autoptr (JsonNode) root = json_builder_get_root (json);
  g_autofree char *text = json_to_string (root, TRUE);
  g_autofree char *plain = text_plain (text, TRUE);
  printf ("%s\n", plain);
}

void
network_json_text (JsonBuilder *json, const char *name, const char *text)
{
  if (!text)
    return;
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, valid);
}

/* ---- command ----------------------------------------------------------------------------------------------------- */

/* Command.run. Starts the process, and returns the exit code of the subcommand. Before, checks that the table of
 * sources (sources.ini) can be read: later calls treat a network whose source cannot be read as one without a source.
 */
static int
cmd_network (const CommandLine *line, GError **error)
{
  for (int i = 0; rv_net_names ()[i]; i++) {
    g_autoptr (GError) wrong = NULL;
    g_autoptr (RvSource) source = rv_source_new (rv_net_names ()[i], &wrong);
    if (wrong && !g_error_matches (wrong, RV_ERROR, RV_ERROR_SETTING)) {
      g_propagate_error (error, g_steal_pointer (&wrong));
      return EXIT_FAILED;
    }
  }
  gboolean ok = rv_process_start ((int) line_number (line, "threads"), error);
  return ok ? line->subcommand->run (line, error) : EXIT_FAILED;
}

static const char *const examples[] = {
  "reverie network list",
  "known networks, and which are installed",
  "reverie network get vgg19",
  "download VGG19, 80 MB, the classic of style transfer",
  "reverie network verify",
  "check all installed networks",
  "reverie network import vgg19-dcbb9e9d.pth -o vgg19.safetensors --f16",
  "PyTorch's 548 MB become 40 MB",
  "reverie network import resnet50.onnx -o resnet50.safetensors --labels imagenet.txt",
  "a network for reverie dream --weights resnet50.safetensors --toward",
  "reverie network info vgg19",
  "its layers, shapes, parameters and preprocessing",
  NULL,
};

const Command command_network = {
  .name = "network",
  .old_name = "model",
  .summary = "find, download, check and convert the networks' weights",
  .usage = "SUBCOMMAND ... [OPTIONS]",
  .about =
    "Networks are stored in $REVERIE_MODELS or ~/.local/share/reverie/models. Keras' folder (~/.keras/models) "
    "and PyTorch's (~/.cache/torch/hub/checkpoints) are searched as well. FILE is safetensors, Keras HDF5 (.h5, "
    ".weights.h5, .keras), a PyTorch state dict (.pth, .pt), a Caffe model (.caffemodel) or ONNX. Downloads continue "
    "where they broke off and use the environment's proxies. Files are installed only if their hash is right. "
    "~/.config/reverie/sources.ini names other mirrors.",
  .subcommands = subcommands,
  .examples = examples,
  .options = { { own_options } },
  .run = cmd_network,
};
