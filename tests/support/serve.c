/* serve.c -- serve FILE: prints a port, and serves FILE at that port with http-server.c until killed. */
#include "http-server.h"
#include <stdio.h>
#include <stdlib.h>

int
main (int argc, char **argv)
{
  g_autofree char *content = NULL;
  gsize size;
  if (argc != 2 || !g_file_get_contents (argv[1], &content, &size, NULL))
    return EXIT_FAILURE;
  g_autoptr (GBytes) bytes = g_bytes_new (content, size);
  HttpServer *server = http_server_new (bytes);
  printf ("%d\n", http_server_port (server));
  fflush (stdout);
  for (;;)
    g_usleep (G_USEC_PER_SEC);
}
