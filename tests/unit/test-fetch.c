/* test-fetch.c -- downloads from a faulty server on 127.0.0.1: each ends with the right file in place, or with a
 * one-line error and no file. Also the table of sources. */
#include "support/http-server.h"
#include "support/support.h"
#include <glib/gstdio.h>
#include <reverie/fetch.h>
#include <string.h>

#define FILE_NAME "weights.h5"
#define CONTENT_BYTES 300001

static GBytes *content;
static HttpServer *server;
static RvFileHashes right;
static char *folder, *path, *part;

static RvFetchOptions quick = { .rounds = 3, .wait_s = 0.01 };

static void
set_up (void)
{
  g_autofree guint8 *bytes = g_malloc (CONTENT_BYTES);
  const char *slower = g_getenv ("REVERIE_TEST_SLOWER"); /* the server runs on the same busy machine */
  quick.stall_s = 0.5 * MAX (slower ? atoi (slower) : 1, 1);
  quick.connect_s = 2 * quick.stall_s;
  for (int i = 0; i < CONTENT_BYTES; i++)
    bytes[i] = (guint8) (i * 7 + i / 251);
  content = g_bytes_new (bytes, CONTENT_BYTES);
  folder = g_dir_make_tmp ("reverie-XXXXXX", NULL);
  path = g_build_filename (folder, FILE_NAME, NULL);
  part = g_strconcat (path, ".part", NULL);
  g_file_set_contents (path, (const char *) bytes, CONTENT_BYTES, NULL);
  g_assert_true (rv_file_hashes (path, &right, NULL));
  server = http_server_new (content);
}

static void
clear_folder (void)
{
  g_autofree char *hash = g_strconcat (path, ".sha256", NULL);
  g_unlink (path);
  g_unlink (part);
  g_unlink (hash);
}

static void
put_part (gsize size, char change)
{
  g_autofree char *bytes = g_memdup2 (g_bytes_get_data (content, NULL), CONTENT_BYTES);
  if (size > 0)
    bytes[size / 2] ^= change;
  g_assert_true (g_file_set_contents (part, bytes, (gssize) MIN (size, CONTENT_BYTES), NULL));
}

/* (transfer full): a source with one URL of the server for each mode of @modes, such as "ok,404". */
static RvSource *
source_of (const char *modes)
{
  RvSource *source = g_new0 (RvSource, 1);
  source->network = g_strdup ("vgg19");
  source->file = g_strdup (FILE_NAME);
  source->bytes = CONTENT_BYTES;
  source->md5 = g_strdup (right.md5);
  source->license = g_strdup ("none");
  source->urls = g_strsplit (modes, ",", -1);
  for (char **url = source->urls; *url; url++) {
    char *mode = *url;
    *url = http_server_url (server, mode, FILE_NAME);
    g_free (mode);
  }
  return source;
}

static void
expect_right_file (void)
{
  RvFileHashes hashes;
  g_autofree char *record_path = g_strconcat (path, ".sha256", NULL), *record = NULL;
  g_assert_true (rv_file_hashes (path, &hashes, NULL));
  g_assert_cmpstr (hashes.sha256, ==, right.sha256);
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
  g_assert_true (g_file_get_contents (record_path, &record, NULL, NULL));
  g_autofree char *wanted = g_strdup_printf ("%s  " FILE_NAME "\n", right.sha256);
  g_assert_cmpstr (record, ==, wanted);
}

/* ---- servers ----------------------------------------------------------------------------------------------------- */

typedef struct {
  const char *modes;
  const char *error; /* text in the message; NULL: success */
  int n_requests;    /* upper limit */
} Case;

static const Case cases[] = {
  { "ok", NULL, 1 },
  { "slow", NULL, 1 },
  { "cut", NULL, 4 },
  { "norange", NULL, 1 },
  { "redirect", NULL, 2 },
  { "busy", NULL, 2 },
  { "stall-once", NULL, 2 },
  { "404,500,wrong,ok", NULL, 4 },
  { "cut,ok", NULL, 2 },
  { "cut,norange", NULL, 2 },
  { "cut,range", NULL, 4 },
  { "stall", NULL, 4 },
  { "cut-416,cut", NULL, 7 },
  { "cut-416", "status 416", 4 },
  { "404", "127.0.0.1: it answered with HTTP status 404", 1 },
  { "404,404", "status 404; 127.0.0.1: it answered with HTTP status 404", 2 },
  { "500", "status 500", 3 },
  { "wrong", "it sent another file: its MD5 is ", 1 },
  { "short", "its file has 150000 bytes, not 300001", 1 },
  { "long", "it sent more than 300001 bytes", 1 },
  { "loop", "redirect", 11 },
  { "downgrade", "rotocol", 1 },
  { "cut-norange", "127.0.0.1: ", 4 },
  { "silent", "it sent nothing for", 3 },
};

static void
test_case (gconstpointer data)
{
  const Case *one = data;
  g_autoptr (RvSource) source = source_of (one->modes);
  g_autoptr (GError) error = NULL;
  clear_folder ();
  /* "busy" and "stall-once" count requests from the start of the server */
  http_server_free (server);
  server = http_server_new (content);
  rv_source_free (g_steal_pointer (&source));
  source = source_of (one->modes);

  g_autofree char *got = rv_fetch (source, folder, &quick, &error);
  g_assert_cmpint (http_server_n_requests (server), <=, one->n_requests);
  if (!one->error) {
    g_assert_no_error (error);
    g_assert_cmpstr (got, ==, path);
    expect_right_file ();
    return;
  }
  g_assert_null (got);
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, one->error));
  g_assert_null (strchr (error->message, '\n'));
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

/* ---- existing files ---------------------------------------------------------------------------------------------- */

/* A .part file of an earlier download is continued or replaced: partial, complete, empty, and with a wrong byte. */
static void
test_part (void)
{
  static const struct {
    gsize size;
    char change;
    const char *modes;
    int n_requests;
  } parts[] = {
    { 1000, 0, "ok", 1 },       { CONTENT_BYTES, 0, "404", 0 }, { CONTENT_BYTES, 1, "ok", 1 },     { 1000, 1, "ok", 2 },
    { 1000, 0, "norange", 1 },  { 1000, 1, "norange", 1 },      { CONTENT_BYTES - 1, 0, "ok", 1 }, { 0, 0, "ok", 1 },
    { 1000, 0, "range,ok", 2 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_autoptr (RvSource) source = source_of (parts[i].modes);
    g_autoptr (GError) error = NULL;
    int before = http_server_n_requests (server);
    clear_folder ();
    put_part (parts[i].size, parts[i].change);
    g_autofree char *got = rv_fetch (source, folder, &quick, &error);
    g_assert_no_error (error);
    expect_right_file ();
    g_assert_cmpint (http_server_n_requests (server) - before, ==, parts[i].n_requests);
  }
}

/* Data of a wrong range are not stored, and do not damage the .part file. */
static void
test_other_range (void)
{
  g_autoptr (RvSource) source = source_of ("range");
  g_autoptr (GError) error = NULL;
  GStatBuf info;
  clear_folder ();
  put_part (1000, 0);
  g_assert_null (rv_fetch (source, folder, &quick, &error));
  g_assert_nonnull (strstr (error->message, "it sent another part of the file"));
  g_assert_true (g_stat (part, &info) == 0 && info.st_size == 1000);
}

static void
test_already_there (void)
{
  g_autoptr (RvSource) source = source_of ("ok");
  clear_folder ();
  g_free (rv_fetch (source, folder, &quick, NULL));
  int before = http_server_n_requests (server);
  g_autofree char *again = rv_fetch (source, folder, &quick, NULL);
  g_assert_cmpstr (again, ==, path);
  g_assert_cmpint (http_server_n_requests (server), ==, before);
  g_file_set_contents (path, "damaged", -1, NULL); /* replaced only by a complete file */
  g_autofree char *third = rv_fetch (source, folder, &quick, NULL);
  expect_right_file ();
}

static void
test_bad_one_stays_put (void)
{
  g_autoptr (RvSource) source = source_of ("404");
  g_autofree char *kept = NULL;
  clear_folder ();
  g_file_set_contents (path, "an older one", -1, NULL);
  g_assert_null (rv_fetch (source, folder, &quick, NULL));
  g_assert_true (g_file_get_contents (path, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, "an older one");
}

/* ---- cancellation and concurrency -------------------------------------------------------------------------------- */

static gboolean
stop_half_way (gint64 done, gint64 total, const char *waiting, gpointer user_data)
{
  return done < total / 2;
}

static void
test_cancel (void)
{
  g_autoptr (RvSource) source = source_of ("slow");
  g_autoptr (GError) error = NULL;
  RvFetchOptions options = quick;
  options.progress = stop_half_way;
  clear_folder ();
  g_assert_null (rv_fetch (source, folder, &options, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_CANCELLED);
  GStatBuf info;
  g_assert_cmpint (g_stat (part, &info), ==, 0);
  g_assert_cmpint (info.st_size, >, CONTENT_BYTES / 3);
  g_autofree char *got = rv_fetch (source, folder, &quick, NULL); /* resumes */
  expect_right_file ();
}

static gpointer
fetch_slowly (gpointer data)
{
  return rv_fetch (data, folder, &quick, NULL);
}

static void
test_two_at_once (void)
{
  g_autoptr (RvSource) source = source_of ("slow");
  GThread *threads[4];
  clear_folder ();
  int before = http_server_n_requests (server);
  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("fetch", fetch_slowly, source);
  for (int i = 0; i < 4; i++) {
    g_autofree char *got = g_thread_join (threads[i]);
    g_assert_cmpstr (got, ==, path);
  }
  expect_right_file ();
  g_assert_cmpint (http_server_n_requests (server) - before, ==, 1);
}

static void
test_nobody_there (void)
{
  g_autoptr (RvSource) source = source_of ("ok");
  g_autoptr (GError) error = NULL;
  clear_folder ();
  g_free (source->urls[0]);
  source->urls[0] = g_strdup ("http://127.0.0.1:1/weights.h5");
  g_assert_null (rv_fetch (source, folder, &quick, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
  g_assert_false (g_file_test (part, G_FILE_TEST_EXISTS));
}

static void
test_proxy (void)
{
  g_autoptr (RvSource) source = source_of ("ok");
  g_autofree char *proxy = g_strdup_printf ("http://127.0.0.1:%d", http_server_port (server));
  g_autoptr (GError) error = NULL;
  clear_folder ();
  g_free (source->urls[0]);
  source->urls[0] = g_strdup ("http://weights.invalid/ok/weights.h5");
  g_setenv ("http_proxy", proxy, TRUE);
  g_autofree char *got = rv_fetch (source, folder, &quick, &error);
  g_unsetenv ("http_proxy");
  g_assert_no_error (error);
  expect_right_file ();
}

static void
test_no_folder (void)
{
  g_autoptr (RvSource) source = source_of ("ok");
  g_autoptr (GError) error = NULL;
  g_assert_null (rv_fetch (source, "/proc/nowhere", &quick, &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_FILE);
}

/* ---- sources ----------------------------------------------------------------------------------------------------- */

static void
test_table (void)
{
  static const char *const networks[] = { "vgg16", "vgg19", "inception_v3", "resnet50" };
  g_autoptr (GError) error = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (networks); i++) {
    g_autoptr (RvSource) source = rv_source_new (networks[i], &error);
    g_assert_no_error (error);
    g_assert_cmpuint (strlen (source->md5), ==, 32);
    for (char **url = source->urls; *url; url++)
      g_assert_true (g_str_has_prefix (*url, "https://") && g_str_has_suffix (*url, source->file));
  }
  g_assert_null (rv_source_new ("nothing", &error));
  g_assert_error (error, RV_ERROR, RV_ERROR_SETTING);
}

static void
test_own_table (void)
{
  static const struct {
    const char *table, *error; /* text in the message; NULL: accepted */
  } tables[] = {
    { "[vgg19]\nurls = https://mirror.example/a;http://other.example/b\n", NULL },
    { "[vgg19]\nurls = ftp://mirror.example/a\n", "not https:// or http://" },
    { "[vgg19]\nurls =\n", "'urls' is missing" },
    { "[vgg19]\nfile = ../../etc/passwd\n", "no plain file name" },
    { "[vgg19]\nfile = .profile\n", "no plain file name" },
    { "[vgg19]\nbytes = many\n", "'bytes' is no size" },
    { "[vgg19]\nmd5 = 123\n", "not a hash" },
    { "[vgg19", "is not a table of sources" },
  };
  const char *config = g_get_user_config_dir (); /* see test_own_dirs() */
  g_autofree char *own = g_build_filename (config, "reverie", NULL),
                  *file = g_build_filename (own, "sources.ini", NULL);
  g_assert_cmpint (g_mkdir_with_parents (own, 0777), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_true (g_file_set_contents (file, tables[i].table, -1, NULL));
    g_autoptr (RvSource) source = rv_source_new ("vgg19", &error);
    if (tables[i].error) {
      g_assert_null (source);
      g_assert_nonnull (strstr (error->message, tables[i].error));
      continue;
    }
    g_assert_no_error (error);
    g_assert_cmpstr (source->urls[1], ==, "http://other.example/b");
    g_assert_cmpint (source->bytes, ==, 80134624); /* missing members keep their defaults */
  }
  g_unlink (file);
}

int
main (int argc, char **argv)
{
  test_own_dirs ();
  g_test_init (&argc, &argv, NULL);
  static const char *const proxies[] = { "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy",
                                         "ALL_PROXY",  "no_proxy",    "NO_PROXY" };
  for (guint i = 0; i < G_N_ELEMENTS (proxies); i++)
    g_unsetenv (proxies[i]);
  set_up ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *name = g_strdup_printf ("/fetch/%s", cases[i].modes);
    g_test_add_data_func (name, &cases[i], test_case);
  }
  g_test_add_func ("/fetch/part", test_part);
  g_test_add_func ("/fetch/other-range", test_other_range);
  g_test_add_func ("/fetch/already-there", test_already_there);
  g_test_add_func ("/fetch/bad-one-stays-put", test_bad_one_stays_put);
  g_test_add_func ("/fetch/cancel", test_cancel);
  g_test_add_func ("/fetch/two-at-once", test_two_at_once);
  g_test_add_func ("/fetch/nobody-there", test_nobody_there);
  g_test_add_func ("/fetch/proxy", test_proxy);
  g_test_add_func ("/fetch/no-folder", test_no_folder);
  g_test_add_func ("/source/table", test_table);
  g_test_add_func ("/source/own-table", test_own_table);
  int code = g_test_run ();
  clear_folder ();
  g_rmdir (folder);
  http_server_free (server);
  g_free (folder);
  g_free (path);
  g_free (part);
  g_bytes_unref (content);
  return code;
}
