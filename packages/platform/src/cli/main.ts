console.log("mall");
