/* by-hand.c -- by-hand CONTENT STYLE: one iteration of style transfer on the engine itself, as src/method/objective
 * does for any list of losses (Gatys et al. 2015). Prints the loss of the content picture before and after one step of
 * gradient descent.
 *
 *   G (x) = F F^T, [C, C]: Gram matrix of a layer's features F, [C, N], at a picture x
 *   A     = N / N_style G (style)
 *   L (x) = sum (G - A)^2 / (4 C^2 N^2),   dL/dG = (G - A) / (2 C^2 N^2),   x <- x - RATE dL/dx */
#include "graph/graph.h"
#include "net/net.h"
#include <reverie/image.h>
#include <stdio.h>
#include <string.h>

#define LAYER "conv3_1"
#define RATE 20000.0f /* step in grey levels for a gradient of 1; large, since a loss is a mean over pixels */

/* A compiled program for one picture size, and the values that are set and read from outside. */
typedef struct {
  RvExecutable *executable;
  int x, gram, grad_gram, grad_x;
  gint64 channels, positions; /* C, N */
} Engine;

/* Called for each layer while recording. Returns TRUE to stop, at LAYER, after storing its value in @features (int). */
static gboolean
on_layer (const char *layer, int value, gpointer features)
{
  gboolean found = strcmp (layer, LAYER) == 0;
  if (found)
    *(int *) features = value;
  return found;
}

/* Records, differentiates, plans and compiles the program for a picture of this size into @engine. */
static gboolean
prepare (Engine *engine, const RvNet *net, const RvImage *picture, GError **error)
{
  RvProgram *program = rv__program_new (RV_F32);
  RvShape shape = rv_shape (4, 1, 3, picture->height, picture->width);
  int features = -1;

  /* Recording: the picture is an input, followed by the network up to the layer, its Gram matrix (an output) and the
   * gradient of the Gram matrix (an input). Differentiation turns dL/dG into dL/dx. The program stores errors, which
   * planning returns. */
  engine->x = rv__program_input (program, &shape);
  rv__net_record (net, &(RvNetVariant){ 0 }, program, engine->x, &rv__rgb_0_255, on_layer, &features);
  if (!program->error) {
    shape = *rv__program_shape (program, features);
    engine->channels = shape.dim[1];
    engine->positions = shape.dim[2] * shape.dim[3];
    engine->gram = rv__gram (program, features);
    rv__program_output (program, engine->gram);
    engine->grad_gram = rv__program_input (program, rv__program_shape (program, engine->gram));
    engine->grad_x = rv__graph_differentiate (program, &(RvGradSeed){ engine->gram, engine->grad_gram }, 1, engine->x);
  }

  /* Planning: lifetime of each value. Compiling: layouts and kernels. Binding: memory. */
  RvCompileSettings settings = { .n_threads = 2, .exact = TRUE };
  if (!rv__graph_plan (program, error))
    rv__program_free (program);
  else
    engine->executable = rv__executable_new (rv__backend_find (NULL, NULL), program, &settings, error);
  return engine->executable && rv__executable_bind (engine->executable, error);
}

/* Returns L at @picture, and dL/dG in @grad, [C, C]. @target: G of the style, from @positions. NULL: @grad becomes G,
 * returns 0. -1: @error. */
static double
forward (const Engine *engine, const RvImage *picture, const float *target, gint64 positions, float *grad,
         GError **error)
{
  double scale = (double) engine->channels * (double) engine->positions, loss = 0;
  if (!rv__executable_set (engine->executable, engine->x, picture->rgb->data, error) ||
      !rv__executable_forward (engine->executable, error) ||
      !rv__executable_get (engine->executable, engine->gram, grad, error))
    return -1;
  for (gint64 i = 0; target && i < engine->channels * engine->channels; i++) {
    double difference = (double) grad[i] - (double) engine->positions / (double) positions * (double) target[i];
    loss += difference * difference / (4 * scale * scale);
    grad[i] = (float) (difference / (2 * scale * scale));
  }
  return loss;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RvNet) net = rv_net_new_builtin (&error);
  g_autoptr (RvImage) picture = net && argc == 3 ? rv_image_load (argv[1], 0, 0, &error) : NULL;
  g_autoptr (RvImage) style = picture ? rv_image_load (argv[2], 0, 0, &error) : NULL;
  Engine of_style = { 0 }, of = { 0 };
  if (style && prepare (&of_style, net, style, &error) && prepare (&of, net, picture, &error)) {
    gint64 n = rv_tensor_count (picture->rgb);
    g_autofree float *target = g_new (float, of.channels *of.channels), *grad = g_new (float, of.channels *of.channels);
    g_autofree float *grad_x = g_new (float, n);
    float *x = picture->rgb->data;
    forward (&of_style, style, NULL, 0, target, &error);
    printf ("%.9g\n", forward (&of, picture, target, of_style.positions, grad, &error));
    if (rv__executable_set (of.executable, of.grad_gram, grad, &error) &&
        rv__executable_backward (of.executable, &error) &&
        rv__executable_get (of.executable, of.grad_x, grad_x, &error))
      for (gint64 i = 0; i < n; i++)
        x[i] -= RATE * grad_x[i];
    printf ("%.9g\n", forward (&of, picture, target, of_style.positions, grad, &error));
  }
  if (argc != 3 || error)
    fprintf (stderr, "by-hand: %s\n", error ? error->message : "by-hand CONTENT STYLE");
  rv__executable_free (of_style.executable);
  rv__executable_free (of.executable);
  return argc != 3 || error;
}
