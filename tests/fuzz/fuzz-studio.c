/* fuzz-studio.c -- libFuzzer target: any bytes as a request to the studio after HTTP parsing: "METHOD PATH?QUERY",
 * header lines, an empty line, and the JSON body. Built with -Dfuzz=true; run by tools/check.sh. */
#include "api.h"
#include "arguments.h"
#include <reverie/json.h>
#include <string.h>
#include <unistd.h>

#define TOKEN "0123456789abcdef0123456789abcdef"

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
read_header (Head *head, const char *line)
{
  const struct {
    const char *name, **value;
    int *count;
  } known[] = { { "Host: ", &head->host, &head->n_hosts },
                { "Origin: ", &head->origin, NULL },
                { "Cookie: ", &head->cookie, NULL },
                { "Authorization: ", &head->authorization, NULL },
                { "X-Reverie: ", &head->marker, NULL },
                { "Content-Type: ", &head->type, NULL },
                { "Content-Length: ", &head->length, &head->n_lengths },
                { "Transfer-Encoding: ", &head->coding, NULL } };
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_has_prefix (line, known[i].name)) {
      *known[i].value = line + strlen (known[i].name);
      if (known[i].count)
        ++*known[i].count;
    }
}

/* Whether no HTML form can send the request: because of its type or method, its header X-Reverie and its missing query.
 */
static gboolean
is_no_form (const Head *head)
{
  gboolean typed = head->type && (g_ascii_strncasecmp (head->type, "application/json", 16) == 0 ||
                                  g_ascii_strncasecmp (head->type, "application/octet-stream", 24) == 0);
  return g_strcmp0 (head->marker, "1") == 0 && head->n_arguments == 0 &&
         (typed || strcmp (head->method, "DELETE") == 0);
}

/* Asserts that an accepted request has the studio's host and, except for open routes, the token. Asserts that no HTML
 * form can send accepted requests other than GET. */
static void
check_request (const Head *head, const char *method, const char *path)
{
  const AccessConfig door = { .port = 8642, .token = TOKEN, .max_bytes = 1 << 20 };
  const char *why = NULL;
  char id[TOKEN_LENGTH + 1] = "";
  if (guard_access (head, &door, &why) != 0)
    return;
  if (!head->host || !g_str_has_suffix (head->host, ":8642"))
    __builtin_trap ();
  for (const Route *route = api_routes; route->method; route++) {
    if (strcmp (route->method, method) != 0 || !guard_path (route->path, path, id))
      continue;
    if (guard_check (head, &door, &route->rules, &why) != 0)
      continue;
    gboolean shown =
      (head->authorization && strstr (head->authorization, TOKEN)) || (head->cookie && strstr (head->cookie, TOKEN));
    if ((!route->rules.open && !shown) || (strcmp (method, "GET") != 0 && !is_no_form (head)) ||
        (*id && strspn (id, "0123456789abcdef") != TOKEN_LENGTH))
      __builtin_trap ();
  }
}

/* Asserts that accepted arguments are arguments of @route, and that they are valid JSON again without "cell". */
static void
check_arguments (const Route *route, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) said = arguments_read (text, strlen (text), route->arguments, &error), again = NULL;
  g_auto (GStrv) names = g_strsplit (route->arguments ? route->arguments : "", ", ", -1);
  guint n = 0;
  if (!said == !error)
    __builtin_trap (); /* exactly one of both */
  for (int i = 0; said && names[i]; i++) {
    g_autoptr (GVariant) value = g_variant_lookup_value (said, names[i], NULL);
    g_autofree char *as_text = arguments_text (said, names[i]);
    g_auto (GStrv) ids = argument_type (names[i]) == ARGUMENT_IDS ? arguments_ids (said, names[i]) : NULL;
    n += value != NULL;
    if (!value && (as_text || ids))
      __builtin_trap ();
  }
  g_autofree char *rest = said ? arguments_without (said, "cell") : NULL;
  again = rest ? rv_json_read (rest, -1, "again", NULL) : NULL;
  if (said && (g_variant_n_children (said) != n || !again))
    __builtin_trap ();
}

/* Asserts that no accepted job has an option that names a file. */
static void
check_job (Pictures *pictures, const char *asked)
{
  static const char *const files[] = { "output", "log", "live", "plot", "timeline", "weights", "labels" };
  g_autoptr (GHashTable) used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL, none = NULL;
  g_autoptr (Task) task = task_new ("", asked);
  g_autoptr (RvJob) job = task_create_job (task, pictures, used, &error);
  if (!job == !error)
    __builtin_trap (); /* exactly one of both */
  for (guint i = 0; job && i < G_N_ELEMENTS (files); i++) {
    g_autofree char *file = rv_job_get (job, files[i], NULL);
    if (file && *file)
      __builtin_trap ();
  }
  g_autofree char *again = job ? task_request_from_job (job, &none) : NULL;
  if (job && !again)
    __builtin_trap ();
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static Pictures *pictures;
  g_autofree char *text = g_strndup ((const char *) data, size);
  Head head = { 0 };
  if (!pictures) {
    g_autofree char *folder = g_dir_make_tmp ("fuzz-studio-XXXXXX", NULL);
    pictures = pictures_new (folder, NULL);
  }
  g_auto (GStrv) parts = g_strsplit (text, "\n\n", 2);
  g_auto (GStrv) lines = g_strsplit (parts[0] ? parts[0] : "", "\n", 64);
  g_auto (GStrv) words = g_strsplit (lines[0] ? lines[0] : "", " ", 2);
  for (guint i = 1; lines[0] && lines[i]; i++)
    read_header (&head, lines[i]);
  head.method = words[0] ? words[0] : "";
  g_auto (GStrv) address = g_strsplit (words[0] && words[1] ? words[1] : "", "?", 2);
  head.path = address[0] ? address[0] : "";
  head.n_arguments = address[0] && address[1];
  check_request (&head, head.method, head.path);
  if (!parts[0] || !parts[1])
    return 0;
  check_job (pictures, parts[1]);
  for (const Route *route = api_routes; route->method; route++)
    if (route->rules.body == BODY_JSON)
      check_arguments (route, parts[1]);
  return 0;
}
