/* verify.c -- reverie network verify [NAME|FILE...]: checks weights offline.
 *
 * Published files have a known hash. The built-in network and SqueezeNet have a fingerprint: their outputs for one
 * picture. For any other file it shows which known preprocessing fits best. */
#include "cmd-network.h"
#include <string.h>

/* ---- file -------------------------------------------------------------------------------------------------------- */

/* (transfer full) (nullable): the SHA-256 that a download recorded in the file PATH.sha256, 64 hexadecimal digits;
 * NULL: none, or damaged. */
static char *
recorded_hash (const char *path)
{
  g_autofree char *record = g_strconcat (path, ".sha256", NULL), *text = NULL;
  if (!g_file_test (record, G_FILE_TEST_IS_REGULAR) || !g_file_get_contents (record, &text, NULL, NULL) ||
      strspn (text, "0123456789abcdef") != 64)
    return NULL;
  return g_strndup (text, 64);
}

/* (transfer full) (nullable): the first 8 digits of the SHA-256 in @name, a file name of PyTorch's hub such as
 * vgg19-dcbb9e9d.pth; NULL: another name. */
static char *
hash_in_name (const char *name)
{
  const char *dash = strrchr (name, '-');
  if (!dash || strspn (dash + 1, "0123456789abcdef") != 8 || strcmp (dash + 9, ".pth") != 0)
    return NULL;
  return g_strndup (dash + 1, 8);
}

/* Compares a file that has its published name with the published size and hash; any other file with the hash recorded
 * after its download and the one in a name such as NAME-0123abcd.pth. Without any hash returns TRUE. *proof: (out)
 * (transfer full) (nullable): text that names the hash; NULL without one; set also if the published hash is wrong.
 * *is_published: (out): whether the file has its published name. FALSE: RV_ERROR_FORMAT: the size or the hash is wrong;
 * RV_ERROR_FILE. */
static gboolean
check_hash (const char *path, const char *network, char **proof, gboolean *is_published, GError **error)
{
  g_autoptr (RvSource) source = rv_source_new (network, NULL);
  g_autofree char *name = g_path_get_basename (path), *recorded = recorded_hash (path), *hub = hash_in_name (name);
  RvFileHashes hashes;
  *proof = NULL;
  *is_published = source && strcmp (source->file, name) == 0;
  if (*is_published) {
    *proof = g_strdup_printf ("as published: %s %s", source->md5 ? "MD5" : "SHA-256",
                              source->md5 ? source->md5 : source->sha256);
    return rv_source_check (source, path, NULL, error);
  }
  if (!recorded && !hub)
    return TRUE;
  if (!rv_file_hashes (path, &hashes, error))
    return FALSE;
  if ((recorded && strcmp (recorded, hashes.sha256) != 0) || (hub && !g_str_has_prefix (hashes.sha256, hub)))
    return error_set (error, RV_ERROR_FORMAT, "%s is damaged: its SHA-256 is %s, not %s", path, hashes.sha256,
                      recorded ? recorded : hub);
  *proof = recorded ? g_strdup ("same as downloaded") : g_strdup ("as its name says: SHA-256");
  return TRUE;
}

/* ---- network ----------------------------------------------------------------------------------------------------- */

/* Prints on standard output how @net responds to each known preprocessing, which preprocessing is likeliest, and how to
 * import the file with it; or why the network does not allow this. Computes for seconds. @n_threads: 0: one for each
 * physical core. */
static gboolean
print_trials (const RvNet *net, int n_threads, GError **error)
{
  GError *failed = NULL;
  g_autoptr (GArray) trials = rv_net_try_preprocessings (net, n_threads, NULL, &failed);
  if (g_error_matches (failed, RV_ERROR, RV_ERROR_SETTING)) { /* the file is complete nevertheless */
    text_print (stdout, "  %s", failed->message);
    g_error_free (failed);
    return TRUE;
  }
  if (!trials) {
    g_propagate_error (error, failed);
    return FALSE;
  }
  const RvPreprocessingTrial *likelier = NULL;
  printf ("  %-62s %9s %9s %9s\n", "response to the embedded picture as", "level", "variation", "strength");
  for (guint i = 0; i < trials->len; i++) {
    const RvPreprocessingTrial *trial = &g_array_index (trials, RvPreprocessingTrial, i);
    printf ("  %-62s %9.3g %9.3g %9.3g%s\n", trial->input, trial->level, trial->variation, trial->strength,
            trial->is_likeliest ? "  likelier" : "");
    if (trial->is_likeliest)
      likelier = trial;
  }
  printf ("  in use: %s\n%s", rv_net_preprocessing (net), likelier ? "" : "  none fits better than the others\n");
  if (likelier && !likelier->is_used)
    printf ("  another preprocessing fits better; import the file with it:\n"
            "  reverie network import FILE -o OUT.safetensors --preprocessing \"%s\"\n",
            likelier->input);
  return TRUE;
}

/* Checks numbers and fingerprint of @net and prints the result on standard output. @proof (nullable) and @is_published:
 * those of check_hash(). For a file (@map not NULL) that is not published and has no known fingerprint, also calls
 * print_trials(). @what: file, or name of the network. RV_ERROR_FORMAT: incomplete, a number is not finite, or outputs
 * are wrong. */
static gboolean
check_net (const char *what, const RvNet *net, const RvTensorMap *map, const char *proof, gboolean is_published,
           int n_threads, GError **error)
{
  if (!rv_net_check (net, error) || (map && !rv_weights_check (map, error)))
    return FALSE;
  GError *failed = NULL;
  RvFingerprint fingerprint = rv_net_fingerprint (net, n_threads, NULL, &failed);
  if (failed) {
    g_propagate_error (error, failed);
    return FALSE;
  }
  if (fingerprint == RV_FINGERPRINT_DIFFERS)
    return error_set (error, RV_ERROR_FORMAT, "%s has the layers of %s, but its outputs are wrong", what,
                      rv_net_name (net));
  const char *why = proof ? proof : fingerprint == RV_FINGERPRINT_MATCHES ? "outputs are right" : NULL;
  gboolean named = strcmp (what, rv_net_name (net)) == 0;
  g_autofree char *of = named ? g_strdup ("") : g_strdup_printf (", weights of %s", rv_net_name (net));
  text_print (stdout, "%s: complete%s, %s", what, of, why ? why : "not a known published file");
  return !map || is_published || fingerprint == RV_FINGERPRINT_MATCHES || print_trials (net, n_threads, error);
}

/* Checks hash, numbers and fingerprint of the file @path, and prints the result. @network: (nullable): network that the
 * file must contain; NULL: any. May store a converted copy in the folder of networks. */
static gboolean
verify_file (const char *path, const char *network, int n_threads, GError **error)
{
  g_autofree char *folder = rv_network_folder (), *proof = NULL;
  gboolean is_published = FALSE;
  g_autoptr (RvTensorMap) map = rv_weights_load (path, RV_WEIGHTS_CONVOLUTIONS, folder, error);
  const char *known = map ? rv_net_identify (map) : NULL;
  /* before rv_net_new(): a wrong hash explains more than a broken number */
  if (!map || (known && !check_hash (path, known, &proof, &is_published, error)))
    return FALSE;
  g_autoptr (RvNet) net = rv_net_new (network, map, error);
  return net && check_net (path, net, map, proof, is_published, n_threads, error);
}

/* ---- subcommand -------------------------------------------------------------------------------------------------- */

/* Verifies the built-in network, an installed one, or a file, by check_net(), which prints the result. RV_ERROR_FILE:
 * not installed. */
static gboolean
verify (const char *what, int n_threads, GError **error)
{
  if (strcmp (what, "builtin") == 0) {
    g_autoptr (RvNet) net = rv_net_new_builtin (error);
    return net && check_net (what, net, NULL, NULL, TRUE, n_threads, error);
  }
  if (!g_strv_contains (rv_net_names (), what))
    return verify_file (what, NULL, n_threads, error);
  g_autofree char *path = rv_network_find (what, FALSE, NULL);
  if (path)
    return verify_file (path, what, n_threads, error);
  return error_set (error, RV_ERROR_FILE, "%s is not installed", what);
}

/* Prints @error, with @what in front unless its message contains @what, and frees @error. Returns the exit code. */
static int
report_failure (const char *what, GError *error)
{
  if (!strstr (error->message, what))
    g_prefix_error (&error, "%s: ", what);
  return error_print (error);
}

int
network_verify (const CommandLine *line, GError **error)
{
  int code = EXIT_DONE, n_threads = (int) line_number (line, "threads");
  for (int i = 0; i < line->n_args; i++) {
    GError *own_error = NULL;
    if (!verify (line->args[i], n_threads, &own_error))
      code = report_failure (line->args[i], own_error);
  }
  for (int i = 0; line->n_args == 0 && rv_net_names ()[i]; i++) {
    GError *own_error = NULL;
    const char *name = rv_net_names ()[i];
    g_autofree char *path = rv_network_find (name, FALSE, NULL);
    if ((path || strcmp (name, "builtin") == 0) && !verify (name, n_threads, &own_error))
      code = report_failure (name, own_error);
  }
  return code;
}
