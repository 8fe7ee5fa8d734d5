/* by-hand.c -- by-hand CONTENT STYLE: one iteration of style transfer on the engine itself, as src/method/objective
 * does it for any list of losses. It records a program, differentiates, plans, compiles and runs it, and prints the
 * loss of the content picture, then that of the picture after one step down its gradient.
 *
 *   G (x) = F F^T, [C, C]: the Gram products of a layer's features F, [C, N], at a picture x
 *   A     = N / N_style G (style)
 *   L (x) = sum (G - A)^2 / (4 C^2 N^2),   dL/dG = (G - A) / (2 C^2 N^2),   x <- x - RATE dL/dx */
#include "graph/graph.h"
#include "net/net.h"
#include <reverie/image.h>
#include <stdio.h>
#include <string.h>

#define LAYER "conv3_1"
#define RATE 20000.0f /* grey levels for a gradient of 1: losses are means over pixels, so gradients are small */

/* What computes pictures of one size: the numbers of the program's values that are set and read from outside. */
typedef struct {
  RvExecutable *executable;
  int x, gram, grad_gram, grad_x;
  gint64 channels, positions; /* C, N */
} Engine;

/* Called for each layer that is recorded, until it says that it has seen enough. */
static gboolean
on_layer (const char *layer, int value, gpointer user_data)
{
  int *features = user_data;
  if (strcmp (layer, LAYER) == 0)
    *features = value;
  return *features >= 0;
}

static gboolean
prepare (Engine *engine, const RvNet *net, const RvImage *picture, GError **error)
{
  RvProgram *program = rv__program_new (RV_F32);
  RvShape shape = rv_shape (4, 1, 3, picture->height, picture->width);
  RvCompileSettings settings = { .n_threads = 2, .exact = TRUE };
  int features = -1;

  /* Record: the picture is an input; the network comes after it, as far as the layer; then the Gram products, which
   * are read, and their gradient, which is set. Had anything failed, planning would say so. */
  engine->x = rv__program_input (program, &shape);
  rv__net_record (net, &(RvNetVariant){ 0 }, program, engine->x, &rv__rgb_0_255, on_layer, &features);
  engine->gram = rv__gram (program, features);
  if (!program->error) {
    shape = *rv__program_shape (program, features);
    engine->channels = shape.dim[1];
    engine->positions = shape.dim[2] * shape.dim[3];
    rv__program_output (program, engine->gram);
    engine->grad_gram = rv__program_input (program, rv__program_shape (program, engine->gram));

    /* Differentiate: what follows the forward part turns dL/dG into dL/dx. */
    engine->grad_x = rv__graph_differentiate (program, &(RvSeed){ engine->gram, engine->grad_gram }, 1, engine->x);
  }

  /* Plan: when each value lives. Compile: its layout, and which kernel does each step. Bind: memory is taken. */
  if (!rv__graph_plan (program, error)) {
    rv__program_free (program);
    return FALSE;
  }
  engine->executable = rv__executable_new (rv__backend_find (NULL, NULL), program, &settings, error);
  return engine->executable && rv__executable_bind (engine->executable, error);
}

/* G at @picture, into @gram. */
static gboolean
look (const Engine *engine, const RvImage *picture, float *gram, GError **error)
{
  return rv__executable_set (engine->executable, engine->x, picture->rgb->data, error) &&
         rv__executable_forward (engine->executable, error) &&
         rv__executable_get (engine->executable, engine->gram, gram, error);
}

/* L from @gram, which becomes dL/dG. @wanted: the style's, of @positions. */
static double
evaluate (const Engine *engine, float *gram, const float *wanted, gint64 positions)
{
  double scale = (double) engine->channels * (double) engine->positions, loss = 0;
  for (gint64 i = 0; i < engine->channels * engine->channels; i++) {
    double difference = (double) gram[i] - (double) engine->positions / (double) positions * (double) wanted[i];
    loss += difference * difference / (4 * scale * scale);
    gram[i] = (float) (difference / (2 * scale * scale));
  }
  return loss;
}

/* x <- x - RATE dL/dx, of the picture that was looked at last. */
static gboolean
step (const Engine *engine, const float *grad_gram, RvImage *picture, float *grad_x, GError **error)
{
  if (!rv__executable_set (engine->executable, engine->grad_gram, grad_gram, error) ||
      !rv__executable_backward (engine->executable, error) ||
      !rv__executable_get (engine->executable, engine->grad_x, grad_x, error))
    return FALSE;
  for (gint64 i = 0; i < rv_tensor_count (picture->rgb); i++)
    ((float *) picture->rgb->data)[i] -= RATE * grad_x[i];
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (&error);
  g_autoptr (RvImage) picture = net && argc == 3 ? rv_image_load (argv[1], 0, 0, &error) : NULL,
                      style = picture ? rv_image_load (argv[2], 0, 0, &error) : NULL;
  Engine of_picture = { 0 }, of_style = { 0 };
  if (style && prepare (&of_picture, net, picture, &error) && prepare (&of_style, net, style, &error)) {
    g_autofree float *gram = g_new (float, of_picture.channels *of_picture.channels),
                     *wanted = g_new (float, of_style.channels *of_style.channels),
                     *grad_x = g_new (float, rv_tensor_count (picture->rgb));
    if (look (&of_style, style, wanted, &error) && look (&of_picture, picture, gram, &error)) {
      printf ("%.9g\n", evaluate (&of_picture, gram, wanted, of_style.positions));
      if (step (&of_picture, gram, picture, grad_x, &error) && look (&of_picture, picture, gram, &error))
        printf ("%.9g\n", evaluate (&of_picture, gram, wanted, of_style.positions));
    }
  }
  rv__executable_free (of_picture.executable);
  rv__executable_free (of_style.executable);
  if (argc != 3 || error)
    fprintf (stderr, "by-hand: %s\n", error ? error->message : "by-hand CONTENT STYLE");
  return argc != 3 || error;
}
