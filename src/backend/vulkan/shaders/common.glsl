// common.glsl -- operands and indices, for every shader. Operands are in plain rows. KIND selects one of a shader's
// ops.

layout(constant_id = 0) const uint KIND = 0;

layout(std430, binding = 0) readonly buffer In0 { float in0[]; };
layout(std430, binding = 1) readonly buffer In1 { float in1[]; };
layout(std430, binding = 2) readonly buffer In2 { float in2[]; };
layout(std430, binding = 3) readonly buffer In3 { float in3[]; };
layout(std430, binding = 4) writeonly buffer Out0 { float out0[]; };
layout(std430, binding = 5) writeonly buffer Out1 { float out1[]; };

// The same memory as words: bits of a ReLU, bytes of a pooling.
layout(std430, binding = 1) readonly buffer In1Words { uint in1_words[]; };
layout(std430, binding = 5) writeonly buffer Out1Words { uint out1_words[]; };

// Number of the workgroup in a grid of one axis, which rv__vulkan_set_groups() folds into two.
uint group_index ()
{
  return gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x;
}

// Number of the invocation in such a grid, of workgroups of 256.
uint item_index ()
{
  return group_index () * 256 + gl_LocalInvocationIndex;
}

// Whether @position is at least @border rows and columns from the edges of a picture with @positions, @width in a row.
bool in_interior (uint position, uint positions, uint width, uint border)
{
  uint h = position / width, w = position % width, height = positions / width;
  return h >= border && h + border < height && w >= border && w + border < width;
}
