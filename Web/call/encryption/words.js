// The words by which people compare keys: a byte each, short, plain, and hard to take for one another. They are the same in
// all languages, so that people who speak different ones can compare.

export const WORDS = `
  acorn album anchor angel apple apron arch arrow attic autumn bacon badge bagel balloon bamboo banana banjo
  barrel basket beach beaver bell bench berry bicycle blanket blossom bottle branch bread brick bridge brush
  bucket buffalo butter cabin cactus camel camera candle canoe canyon carpet carrot castle cedar cello chalk
  cherry chess chimney circus clover coconut comet copper coral cotton cricket crown crystal cushion daisy
  dancer desert diamond dinner doctor dolphin donkey dragon drum eagle echo elbow elephant engine envelope
  falcon feather fiddle finger flag flamingo flute forest fossil fountain fox frost galaxy garden garlic ghost
  ginger giraffe glacier glove goblet guitar hammer harbor harvest hazel helmet honey horse hotel icicle igloo
  insect island ivory jacket jaguar jasmine jelly jewel jungle kangaroo kettle keyboard kitten koala ladder
  lagoon lantern lemon leopard library lighthouse lily lizard lobster magnet mango maple marble meadow medal
  melon mirror monkey moon mosaic mountain muffin museum mushroom napkin nectar needle noodle notebook nutmeg
  oasis ocean octopus olive onion opera orange orchard otter oyster paddle palace panda paper parrot peach
  peanut pebble pelican pencil penguin pepper piano picnic pigeon pillow pirate planet pocket pony potato
  prairie puzzle pyramid quartz quilt rabbit radio rainbow raven ribbon river robin rocket rooster ruby saddle
  salmon sandal saturn scarf scooter shadow shell shovel silver sister skate snow spider spoon statue sugar
  summer sunset swan table teapot temple thunder ticket tiger tomato tornado trumpet tulip tunnel turtle
  umbrella unicorn urchin valley vanilla velvet village violin volcano waffle wagon walnut walrus water whale
  window winter wizard wolf yogurt zebra zipper
`.trim().split(/\s+/);
