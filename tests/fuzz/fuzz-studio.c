/* fuzz-studio.c -- libFuzzer target: any bytes as a request to the studio, as far as HTTP has been read: "METHOD PATH",
 * a line each for its headers, an empty one, and what is asked for as JSON. Built with -Dfuzz=true; run by
 * tools/check.sh. */
#include "api.h"
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
                { "Content-Length: ", &head->length, &head->n_lengths } };
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_has_prefix (line, known[i].name)) {
      *known[i].value = line + strlen (known[i].name);
      if (known[i].count)
        ++*known[i].count;
    }
}

/* Whoever gets through shows the token, names us, and says what no form can. */
static void
check_request (const Head *head, const char *method, const char *path)
{
  const Door door = { .port = 8642, .token = TOKEN, .most_bytes = 1 << 20 };
  const char *why = NULL;
  char id[TOKEN_LENGTH + 1] = "";
  if (guard_door (head, &door, &why) != 0)
    return;
  if (!head->host || !g_str_has_suffix (head->host, ":8642"))
    __builtin_trap ();
  for (const Route *route = api_routes; route->method; route++) {
    if (strcmp (route->method, method) != 0 || !guard_path (route->path, path, id))
      continue;
    if (guard_check (head, &door, &route->wanted, &why) != 0)
      continue;
    gboolean shown =
      (head->authorization && strstr (head->authorization, TOKEN)) || (head->cookie && strstr (head->cookie, TOKEN));
    if ((!route->wanted.open && !shown) || (route->wanted.changes && g_strcmp0 (head->marker, "1") != 0) ||
        (*id && strspn (id, "0123456789abcdef") != TOKEN_LENGTH))
      __builtin_trap ();
  }
}

/* Nothing that is taken names a file of anybody's. */
static void
check_job (Pictures *pictures, const char *asked)
{
  static const char *const files[] = { "output", "log", "live", "plot", "timeline", "weights" };
  g_autoptr (GHashTable) used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GError) error = NULL, none = NULL;
  g_autoptr (Task) task = task_new ("", asked);
  g_autoptr (RvJob) job = task_read (task, pictures, used, &error);
  if (!job == !error)
    __builtin_trap (); /* just one of the two */
  for (guint i = 0; job && i < G_N_ELEMENTS (files); i++) {
    g_autofree char *file = rv_job_get (job, files[i], NULL);
    if (file && *file)
      __builtin_trap ();
  }
  g_autofree char *again = job ? task_write (job, &none) : NULL;
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
  head.path = words[0] && words[1] ? words[1] : "";
  check_request (&head, head.method, head.path);
  if (parts[0] && parts[1])
    check_job (pictures, parts[1]);
  return 0;
}
